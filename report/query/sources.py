"""The sources of a report: Prometheus' HTTP API and the receiver's history."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from ..record import Points

TIMEOUT_SECONDS = 30
# The most points of one series in an answer of Prometheus, and in a chart.
MAX_POINTS = 11_000
CHART_POINTS = 720
MAX_ALERTS = 1_000

Labels = Mapping[str, str]
Series = Sequence[tuple[Labels, Points]]


class NoReport(Exception):
    """A report cannot be made. The message says why."""


class Source:
    """A service that answers with JSON."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # The monitor is near, and a proxy would not reach it.
        self._session.trust_env = False

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON of the response. Raises `NoReport` if it is none, or an error."""
        place = f"{self._name} at {self.url}"
        try:
            response = self._session.get(
                self.url + path, params=parameters, timeout=TIMEOUT_SECONDS
            )
            body = response.json()
        except requests.JSONDecodeError as error:
            raise NoReport(f"{place} does not answer with JSON") from error
        except requests.RequestException as error:
            raise NoReport(
                f"{place} cannot be reached ({type(error).__name__})"
            ) from error
        if not response.ok:
            raise NoReport(f"{place} answers {response.status_code}: {body}")
        return body


class Prometheus(Source):
    """Prometheus' HTTP API."""

    def __init__(self, url: str) -> None:
        super().__init__("Prometheus", url)

    def version(self) -> str:
        """Its version, such as 2.42.0."""
        return str(self.get("/api/v1/status/buildinfo")["data"]["version"])

    def at(self, moment: float, promql: str) -> list[tuple[Labels, float]]:
        """The instant vector of `promql` at `moment`, in seconds since 1970."""
        body = self.get("/api/v1/query", query=promql, time=f"{moment:.3f}")
        return [
            (sample["metric"], float(sample["value"][1]))
            for sample in body["data"]["result"]
        ]

    def between(
        self, start: float, end: float, promql: str, points: int = CHART_POINTS
    ) -> Series:
        """The range vector of `promql` from `start` to `end`, of `points` at most.

        Its steps are whole seconds, and end exactly at `end`.
        """
        seconds = step(end - start, points)
        first = end - (end - start) // seconds * seconds
        body = self.get(
            "/api/v1/query_range",
            query=promql,
            start=f"{first:.3f}",
            end=f"{end:.3f}",
            step=str(seconds),
        )
        return [
            (series["metric"], tuple((t, float(v)) for t, v in series["values"]))
            for series in body["data"]["result"]
        ]


class Receiver(Source):
    """The history of the webhook receiver."""

    def __init__(self, url: str) -> None:
        super().__init__("the receiver", url)

    def alerts(self) -> list[dict[str, Any]]:
        """The last thousand alerts, newest first."""
        response = self.get("/alerts", limit=str(MAX_ALERTS))
        alerts: list[dict[str, Any]] = response["alerts"]
        return alerts


def step(seconds: float, points: int) -> int:
    """Whole seconds from one to the next of so many points, at least one."""
    return max(1, math.ceil(seconds / points))


def window(since: float, until: float) -> str:
    """A time range as PromQL writes the range of a selector."""
    return f"[{math.ceil(1000 * (until - since))}ms]"


def matchers(labels: Labels) -> str:
    """Label matchers of PromQL for exactly these values."""
    return ",".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in labels.items()
    )
