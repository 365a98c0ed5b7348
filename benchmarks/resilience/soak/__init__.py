"""Drift and recovery, again and again, while components are killed."""
