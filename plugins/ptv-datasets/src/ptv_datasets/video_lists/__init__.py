"""Long lists of videos in memory that worker processes share."""
