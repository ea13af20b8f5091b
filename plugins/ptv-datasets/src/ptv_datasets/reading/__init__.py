"""Reading the clips of a video, and reporting the videos that cannot be read."""
