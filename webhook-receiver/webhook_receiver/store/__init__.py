"""The history of alerts: one SQLite file."""
