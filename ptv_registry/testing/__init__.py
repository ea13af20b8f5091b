"""What plugin authors test with: ``pytest --ptv-dist NAME`` holds every component of a distribution to the contract."""
