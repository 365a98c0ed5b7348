"""Loads and scores models. Needs numpy and scikit-learn."""
