"""What ``ptv new-plugin`` writes for the kinds of trainings: a component, and the test that uses it."""
