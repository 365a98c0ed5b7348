"""Loads and scores models. Needs numpy, and what the model was made with."""
