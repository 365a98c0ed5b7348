"""Decides on applications with a model, and counts decisions for Prometheus."""
