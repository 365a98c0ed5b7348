"""Where the report comes from: Prometheus' HTTP API and the receiver's history."""

import math
from collections.abc import Mapping
from typing import Any

import requests

from .record import Points

TIMEOUT_SECONDS = 30
# Prometheus answers with no more points of a series; so many are also plenty to draw.
MOST_POINTS = 11_000
DRAWN_POINTS = 720
MOST_ALERTS = 1_000

Labels = Mapping[str, str]


class NoReport(Exception):
    """There is nothing to report on. The message says why."""


class Source:
    """A service that answers with JSON."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # What monitors a machine is near to it; no proxy is asked.
        self._session.trust_env = False

    def get(self, path: str, **parameters: str) -> Any:
        """The answer. Raises `NoReport` if there is none, or if it is an error."""
        place = f"{self._name} at {self.url}"
        try:
            answer = self._session.get(
                self.url + path, params=parameters, timeout=TIMEOUT_SECONDS
            )
            body = answer.json()
        except requests.JSONDecodeError as error:
            raise NoReport(f"{place} does not answer with JSON") from error
        except requests.RequestException as error:
            raise NoReport(
                f"{place} cannot be reached ({type(error).__name__})"
            ) from error
        if not answer.ok:
            raise NoReport(f"{place} answers {answer.status_code}: {body}")
        return body


class Prometheus(Source):
    """Prometheus' HTTP API."""

    def __init__(self, url: str) -> None:
        super().__init__("Prometheus", url)

    def version(self) -> str:
        """Its version, such as 2.42.0."""
        return str(self.get("/api/v1/status/buildinfo")["data"]["version"])

    def at(self, moment: float, promql: str) -> list[tuple[Labels, float]]:
        """What `promql` is at `moment`, in seconds since 1970."""
        body = self.get("/api/v1/query", query=promql, time=f"{moment:.3f}")
        return [
            (sample["metric"], float(sample["value"][1]))
            for sample in body["data"]["result"]
        ]

    def between(
        self, start: float, end: float, promql: str, points: int = DRAWN_POINTS
    ) -> list[tuple[Labels, Points]]:
        """What `promql` was from `start` on to `end`, in no more than `points` steps.

        They are whole seconds, and end exactly at `end`.
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
        alerts: list[dict[str, Any]] = self.get("/alerts", limit=str(MOST_ALERTS))[
            "alerts"
        ]
        return alerts


def step(seconds: float, points: int) -> int:
    """Whole seconds, at least one: Prometheus scrapes no more often here."""
    return max(1, math.ceil(seconds / points))
