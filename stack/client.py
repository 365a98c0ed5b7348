"""Asks a running system what it knows: Prometheus, Alertmanager and the receiver."""

from abc import ABC, abstractmethod
from typing import Any

from .process import local


class SystemClient(ABC):
    """A system whose addresses are known can be asked.

    Every question raises `requests.RequestException` if it is not answered.
    """

    @abstractmethod
    def url(self, address: str) -> str:
        """The URL here of an address of the Compose file, such as prometheus:9090."""

    def query(self, promql: str, at: float | None = None) -> list[dict[str, Any]]:
        """The instant vector that Prometheus answers to `promql`.

        `at` is in seconds since 1970; if it is not given, now.
        """
        moment = {} if at is None else {"time": str(at)}
        answer = self._ask("prometheus:9090/api/v1/query", query=promql, **moment)
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def query_range(
        self, promql: str, start: float, end: float, step: float
    ) -> list[dict[str, Any]]:
        """The series that Prometheus answers to `promql`, every `step` seconds.

        `start` and `end` are in seconds since 1970.
        """
        span = {"start": str(start), "end": str(end), "step": str(step)}
        answer = self._ask("prometheus:9090/api/v1/query_range", query=promql, **span)
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def alerts(self) -> list[dict[str, Any]]:
        """The receiver's history, newest first."""
        answer = self._ask("webhook-receiver:8080/alerts", limit="1000")
        history: list[dict[str, Any]] = answer["alerts"]
        return history

    def _ask(self, where: str, **parameters: str) -> Any:
        address, slash, path = where.partition("/")
        url = self.url(address) + slash + path
        answer = local().get(url, params=parameters, timeout=5)
        answer.raise_for_status()
        return answer.json()
