"""Three models that share nothing with each other, on synthetic data."""
