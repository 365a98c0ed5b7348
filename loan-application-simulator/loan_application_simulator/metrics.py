"""Exports which phase is on: dashboards and reports compare alerts with it."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge

from .scenarios import Scenario

OUTCOMES = ("decided", "refused", "failed", "unsent")


class SimulatorMetrics:
    """The metrics of one run of a scenario, on a given registry."""

    def __init__(self, scenario: Scenario, registry: CollectorRegistry) -> None:
        self._scenario = scenario.name
        self._phases = [phase.name for phase in scenario.phases]
        self._active = Gauge(
            "loan_simulator_phase_active",
            "Whether a phase of the scenario is on (1) or not (0).",
            ("scenario", "phase"),
            registry=registry,
        )
        self._start = Gauge(
            "loan_simulator_phase_start_timestamp_seconds",
            "When a phase began, in seconds since 1970.",
            ("scenario", "phase"),
            registry=registry,
        )
        self._applications = Counter(
            "loan_simulator_applications_total",
            "Applications due, by phase and by what became of them.",
            ("scenario", "phase", "outcome"),
            registry=registry,
        )
        # A scrape of a service may hold decisions of two phases, so that only here they
        # are known by phase. Which decisions there are is known as they come.
        self._decisions = Counter(
            "loan_simulator_decisions_total",
            "Decisions received, by phase.",
            ("scenario", "phase", "decision"),
            registry=registry,
        )
        for phase in self._phases:
            self._active.labels(self._scenario, phase)
            for outcome in OUTCOMES:
                self._applications.labels(self._scenario, phase, outcome)

    def began(self, phase: str) -> None:
        """`phase` is on from now, and no other."""
        for name in self._phases:
            self._active.labels(self._scenario, name).set(name == phase)
        self._start.labels(self._scenario, phase).set(time.time())

    def counted(self, phase: str, outcome: str, decision: str | None = None) -> None:
        """An application of `phase` came to `outcome`, and to a decision, if any."""
        self._applications.labels(self._scenario, phase, outcome).inc()
        if decision:
            self._decisions.labels(self._scenario, phase, decision).inc()
