"""Reads the data of a report from Prometheus and the receiver."""
