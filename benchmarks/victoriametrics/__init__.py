"""The shipped rules, evaluated by VictoriaMetrics' vmalert beside Prometheus."""
