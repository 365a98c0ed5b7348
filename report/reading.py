"""Reads a record: one model in a span of time."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from stack.timeline import Phase, row, seconds

from . import series, shares, span
from .record import Alert, Model, Record
from .sources import Labels, NoReport, Prometheus, Receiver

IDENTITY = ("job", "model", "model_version")


def read(
    prometheus: Prometheus,
    receiver: Receiver,
    since: float | None = None,
    until: float | None = None,
) -> Record:
    """What was between `since` and `until`, in seconds since 1970.

    Without `since`, from the beginning of the last scenario, or the last 15 minutes.
    Raises `NoReport`.
    """
    told = receiver.alerts()
    if since is None:
        since, last = span.latest(prometheus, told, until or time.time())
        until = until or last
    until = until or time.time()
    if until - since < 1:
        raise NoReport("the span has to end a second or more after it begins")
    model = _model(prometheus, since, until)
    of_model = _matchers(model)
    phases = span.phases(prometheus, since, until)
    stretches = phases or (Phase("", since, until),)
    return Record(
        model=model,
        since=since,
        until=until,
        phases=phases,
        applications=_applications(prometheus, of_model, since, until),
        applications_by_stretch=tuple(
            _applications_in(prometheus, of_model, stretch) for stretch in stretches
        ),
        mix=series.mix(prometheus, of_model, since, until),
        drift=series.drift(prometheus, of_model, since, until),
        thresholds=series.thresholds(prometheus, since, until),
        distributions=shares.distributions(prometheus, of_model, stretches),
        alerts=_alerts(told, model, stretches, (since, until)),
        prometheus_version=prometheus.version(),
    )


def _model(prometheus: Prometheus, since: float, until: float) -> Model:
    """The model that decided most."""
    window = f"[{until - since:.0f}s]"
    infos = prometheus.at(until, f"last_over_time(credit_model_info{window})")
    if not infos:
        raise NoReport(
            f"Prometheus at {prometheus.url} knows of no credit model in this span"
        )
    decided = {
        _identity(labels): count
        for labels, count in prometheus.at(
            until,
            f"sum by ({', '.join(IDENTITY)})"
            f" (increase(credit_decisions_total{window}))",
        )
    }
    hashes = {_identity(labels): labels["sha256"] for labels, _ in infos}
    most = max(hashes, key=lambda identity: (decided.get(identity, 0.0), identity))
    others = sorted(set(hashes) - {most})
    return Model(
        *most, hashes[most], tuple(f"{name} {version}" for _, name, version in others)
    )


def _identity(labels: Labels) -> tuple[str, str, str]:
    job, model, version = (labels[name] for name in IDENTITY)
    return job, model, version


def _matchers(model: Model) -> str:
    values = (model.job, model.name, model.version)
    return ",".join(
        f"{label}={json.dumps(value, ensure_ascii=False)}"
        for label, value in zip(IDENTITY, values, strict=True)
    )


def _applications(
    prometheus: Prometheus, of_model: str, since: float, until: float
) -> float:
    counted = f"sum by (instance) (credit_decisions_total{{{of_model}}})"
    return sum(
        shares.grown(points) for _, points in prometheus.between(since, until, counted)
    )


def _applications_in(prometheus: Prometheus, of_model: str, stretch: Phase) -> float:
    """Extrapolated to the ends of the stretch, which lie between scrapes."""
    window = f"[{round(1000 * (stretch.end - stretch.start))}ms]"
    found = prometheus.at(
        stretch.end, f"sum (increase(credit_score_count{{{of_model}}}{window}))"
    )
    return found[0][1] if found else 0.0


def _alerts(
    told: Sequence[Mapping[str, Any]],
    model: Model,
    stretches: Sequence[Phase],
    within: tuple[float, float],
) -> tuple[Alert, ...]:
    """Those of the model, or of none, that were on within the span, oldest first."""
    own = {"model": model.name, "model_version": model.version}
    return tuple(
        Alert(
            row(alert, stretches),
            alert["annotations"].get("summary", ""),
            alert["starts_at"],
            alert["firing_received_at"],
            alert["ends_at"],
        )
        for alert in sorted(told, key=lambda alert: str(alert["starts_at"]))
        if all(alert["labels"].get(name, own[name]) == own[name] for name in own)
        and seconds(alert["starts_at"]) <= within[1]
        and (not alert["ends_at"] or seconds(alert["ends_at"]) >= within[0])
    )
