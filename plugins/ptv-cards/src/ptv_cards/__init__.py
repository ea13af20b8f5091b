"""What a video model says about itself: clips, scores, head, published weights; and what is inside it."""
