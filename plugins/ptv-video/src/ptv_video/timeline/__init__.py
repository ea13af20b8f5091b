"""The time line of a file: its clock, the times of its packets, and which frames make up a clip."""
