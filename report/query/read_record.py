"""Reads a record: the models of a Prometheus in a time range."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..record import Alert, Model, ModelRecord, Record, intervals
from ..timeline import Phase, row, seconds
from . import cell_counts, distributions, time_range, timeseries
from .cell_counts import ALL_DECISIONS
from .distributions import REPLICA
from .sources import NoReport, Prometheus, Receiver, matchers, window

IDENTITY = ("model", "model_version")

# An alert as the receiver lists it.
Received = dict[str, Any]


def read(
    prometheus: Prometheus,
    receiver: Receiver,
    since: float | None = None,
    until: float | None = None,
    model: str | None = None,
) -> Record:
    """The record from `since` to `until`, in seconds since 1970.

    Without `since`, from the beginning of the last scenario, or the last 15 minutes.
    With `model`, of the models of that name only. Raises `NoReport`.
    """
    history = receiver.alerts()
    if since is None:
        since, last = time_range.latest(prometheus, history, until or time.time())
        until = until or last
    until = until or time.time()
    if until - since < 1:
        raise NoReport("the time range must be a second or longer")
    phases = time_range.phases(prometheus, since, until)
    found = _models(prometheus, since, until)
    chosen = [m for m in found if model in (None, m.name)]
    if not chosen:
        known = f"; its models are {', '.join(m.name for m in found)}" if found else ""
        raise NoReport(
            f"Prometheus at {prometheus.url} has no model"
            f"{f' {model}' if model else ''} in this time range{known}"
        )
    alerts = [
        alert
        for alert in sorted(history, key=lambda alert: str(alert["starts_at"]))
        if seconds(alert["starts_at"]) <= until
        and (not alert["ends_at"] or seconds(alert["ends_at"]) >= since)
    ]
    of_intervals = intervals(phases, since, until)
    models, omitted = [], []
    for of_model in chosen:
        read_model = _model(prometheus, of_model, found, of_intervals, since, until)
        if isinstance(read_model, str):
            omitted.append((of_model, read_model))
            continue
        own, alerts = _divide(alerts, of_model)
        own_alerts = tuple(_alert(alert, of_intervals) for alert in own)
        models.append(replace(read_model, alerts=own_alerts))
    if not models and not alerts:
        reasons = "; ".join(f"{m.name} {m.version} {why}" for m, why in omitted)
        raise NoReport(f"in this time range, {reasons}")
    if model:
        alerts = [alert for alert in alerts if "model" not in alert["labels"]]
    return Record(
        since=since,
        until=until,
        phases=phases,
        models=tuple(sorted(models, key=lambda m: -m.applications)),
        omitted=tuple(omitted),
        alerts=tuple(_alert(alert, of_intervals) for alert in alerts),
        prometheus_version=prometheus.version(),
    )


def _models(prometheus: Prometheus, since: float, until: float) -> list[Model]:
    """The models of the time range by name: one for each version and site."""
    found = prometheus.at(
        until,
        f"count without ({REPLICA}, library)"
        f" (last_over_time(model_info{window(since, until)}))",
    )
    hashes: dict[tuple[tuple[str, str], ...], set[str]] = {}
    for labels, _ in found:
        identity = tuple(sorted(p for p in labels.items() if p[0] != "sha256"))
        hashes.setdefault(identity, set()).add(labels.get("sha256", ""))
    models = []
    for identity in sorted(hashes):
        site = {name: value for name, value in identity if name not in IDENTITY}
        name, version = (dict(identity).get(label, "") for label in IDENTITY)
        models.append(Model(name, version, site, tuple(sorted(hashes[identity]))))
    return sorted(models, key=lambda model: (model.name, model.version))


def _matchers(model: Model, models: Iterable[Model]) -> str:
    """Label matchers of `model`. A label that only others of `models` have is empty."""
    absent = {name: "" for other in models for name in other.site}
    identity = {"model": model.name, "model_version": model.version}
    return matchers({**absent, **model.site, **identity})


def _model(
    prometheus: Prometheus,
    model: Model,
    models: Sequence[Model],
    of_intervals: Sequence[Phase],
    since: float,
    until: float,
) -> ModelRecord | str:
    """The record of a model, without its alerts, or why there is none."""
    of_model = _matchers(model, models)
    counts = cell_counts.read(prometheus, of_model, of_intervals, since, until)
    if not counts.total(ALL_DECISIONS):
        return "decided nothing"
    signals = distributions.signals(
        prometheus, of_model, counts, of_intervals, since, until
    )
    decisions = next((s for s in signals if s.role == "decision"), None)
    if decisions is None:
        return "has no reference for its decisions"
    evidence = timeseries.evidence(prometheus, of_model, since, until)
    nothing = ((), (), ())
    with_evidence = []
    for signal in signals:
        key = signal.name, signal.role, signal.segment
        spent, drifting, critical = evidence.get(key, nothing)
        with_evidence.append(
            replace(signal, spent=spent, drifting=drifting, critical=critical)
        )
    budget = prometheus.at(
        until,
        "1 / 86400 / last_over_time(model:model_drift:budget_per_second"
        f"{{{of_model}}}{window(since, until)})",
    )
    return ModelRecord(
        model=model,
        applications=counts.total(ALL_DECISIONS),
        applications_by_interval=tuple(
            map(
                sum,
                zip(
                    *(counts.decisions(name, of_intervals) for name in decisions.cells),
                    strict=True,
                ),
            )
        ),
        mix=timeseries.mix(counts, decisions, since, until),
        signals=tuple(with_evidence),
        alerts=(),
        false_alarm_days=budget[0][1] if budget else None,
    )


def _divide(
    alerts: Sequence[Received], model: Model
) -> tuple[list[Received], list[Received]]:
    """The alerts of a model, and the others.

    An alert that lacks a label, such as the version, is of each model that has it.
    """
    labels = {"model": model.name, "model_version": model.version, **model.site}
    own: list[Received] = []
    others: list[Received] = []
    for alert in alerts:
        is_own = "model" in alert["labels"] and all(
            alert["labels"].get(name, value) == value for name, value in labels.items()
        )
        (own if is_own else others).append(alert)
    return own, others


def _alert(alert: Received, of_intervals: Sequence[Phase]) -> Alert:
    last = alert["annotations"]
    first = alert.get("first_annotations") or last
    words = last.get("description", "")
    has_changed = words != first.get("description", "")
    return Alert(
        row=row(alert, of_intervals),
        summary=first.get("summary", ""),
        last_words=words if has_changed else "",
        fired_at=alert["starts_at"],
        delivered_at=alert["firing_received_at"],
        resolved_at=alert["ends_at"],
    )
