"""The rows of the dashboards, each a list of panels."""
