"""What all devices share."""
