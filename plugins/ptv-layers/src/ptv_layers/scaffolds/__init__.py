"""What ``ptv new-plugin`` writes for the kinds that models are made of: a component, and the test that uses it."""
