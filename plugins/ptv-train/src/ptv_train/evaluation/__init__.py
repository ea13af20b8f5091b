"""A model on labelled videos, the scores of each video's views averaged."""
