"""Two dashboards, built with Grafana's own SDK: the model and the service."""
