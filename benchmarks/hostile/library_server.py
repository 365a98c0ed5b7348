"""The analyzer with prometheus-client's own server of /metrics.

python -m benchmarks.hostile.library_server --port 8000 --metrics-port 8001
"""

from unittest.mock import patch

from credit_analyzer import __main__ as analyzer
from prometheus_client import CollectorRegistry, start_http_server


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int, _tls: object
) -> None:
    """Takes the place of `credit_analyzer.metrics_server.serve_metrics`."""
    start_http_server(port, host, registry)


if __name__ == "__main__":
    with patch.object(analyzer, "serve_metrics", serve_metrics):
        analyzer.main()
