"""What ``ptv new-plugin`` writes for transforms: a component, and the test that uses it."""
