"""What the machine room measures of itself: a cold start, and power cuts."""
