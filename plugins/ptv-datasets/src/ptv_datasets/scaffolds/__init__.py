"""What ``ptv new-plugin`` writes for the kinds of datasets: a component, and the test that uses it."""
