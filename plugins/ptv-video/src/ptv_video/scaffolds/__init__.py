"""What ``ptv new-plugin`` writes for the kinds of reading video: a component, and the test that uses it."""
