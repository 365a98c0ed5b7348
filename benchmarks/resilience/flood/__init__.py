"""More notifications, and larger ones, than a receiver will ever see."""
