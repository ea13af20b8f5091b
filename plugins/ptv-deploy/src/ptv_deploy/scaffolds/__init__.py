"""What ``ptv new-plugin`` writes for backends: a component, and the test that uses it."""
