"""The order of an epoch: shuffled, shared among processes, and resumed."""
