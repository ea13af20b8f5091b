"""The contracts of the kinds that models are made of; see :mod:`ptv_registry.contracts`."""
