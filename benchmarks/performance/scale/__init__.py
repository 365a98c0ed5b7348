"""What the monitor costs, and how that grows with the number of models."""
