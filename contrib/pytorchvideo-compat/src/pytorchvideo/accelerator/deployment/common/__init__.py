"""What is the same for every device."""
