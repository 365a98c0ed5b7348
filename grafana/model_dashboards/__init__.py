"""Builds the Grafana dashboards for any model that exports model_cells_total."""
