"""What ``ptv new-plugin`` writes for models: a component, and the test that uses it."""
