"""Decides on loan applications, and tells Prometheus what it decided."""
