"""The backends that need nothing but PyTorch."""
