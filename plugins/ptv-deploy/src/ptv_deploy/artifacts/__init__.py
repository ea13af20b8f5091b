"""What an exported folder holds, what its model takes and returns, and the checks before it is loaded."""
