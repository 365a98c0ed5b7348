"""When a notification begins, confirms, reopens or ends an event. Pure functions.

An event is one time that an alert fires: a row of the history. The rules are in
docs/receiver-history.md, whose table the tests execute.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from .alerts import Alert


@dataclass(frozen=True, slots=True)
class Event:
    """What the history has of one event.

    `ends_at` is None while it fires. `heard_at` is when Alertmanager last confirmed it,
    by the receiver's clock. `previous_end` is the end that it was reopened after.
    `end_notified` says whether a notification of its end arrived.
    """

    starts_at: datetime
    ends_at: datetime | None
    heard_at: datetime
    previous_end: datetime | None
    end_notified: bool

    def is_over_before(self, moment: datetime) -> bool:
        """Whether it ended before `moment`."""
        if self.ends_at is None:
            return False
        # Clocks differ, so an end may lie before its start.
        return max(self.starts_at, self.ends_at) < moment

    def is_known_end(self, ends_at: datetime) -> bool:
        """Whether `ends_at` is not later than the end that it was reopened after."""
        return self.previous_end is not None and ends_at <= self.previous_end


class Step(Enum):
    """What a notification does to the history."""

    OPEN = auto()
    """A new event, which fires."""

    HEAR = auto()
    """The event still fires, and its annotations are the newest."""

    REOPEN = auto()
    """The event that had ended fires again."""

    REPLACE = auto()
    """The event ended unnoticed, and a new one fires."""

    END = auto()
    """The event ends."""

    INSERT_ENDED = auto()
    """A new event, which is over: its firing notification did not arrive."""

    CORRECT_END = auto()
    """The event ended later than it seemed, or its end had not been notified."""

    IGNORE = auto()
    """A repetition of what is stored."""


def contradicts(event: Event | None, alert: Alert) -> bool:
    """Whether only Alertmanager knows if `alert` is a late repetition.

    Either it fires although its newest event ended later than this firing began, or it
    ends at a time that its event was reopened after.
    """
    if event is None:
        return False
    if alert.ends_at is None:
        return event.ends_at is not None and not event.is_over_before(alert.starts_at)
    return event.ends_at is None and event.is_known_end(alert.ends_at)


def step(
    event: Event | None,
    alert: Alert,
    received_at: datetime,
    fires: bool | None,
    stale_after: timedelta,
) -> Step:
    """The step for a notification of `alert`.

    `event` is the newest of the alert, or for an end the newest that it can belong to:
    one that began before it. `fires` is what Alertmanager answers if the two
    contradict, or None if it cannot be asked. An event that was not confirmed for
    longer than `stale_after` may have ended unnoticed.
    """
    if event is None or event.is_over_before(alert.starts_at):
        return Step.INSERT_ENDED if alert.ends_at else Step.OPEN
    if alert.ends_at:
        return _step_of_end(event, alert.ends_at, fires)
    if event.ends_at is None:
        is_stale = received_at - event.heard_at > stale_after
        is_later = alert.starts_at > max(event.starts_at, event.heard_at)
        return Step.REPLACE if is_stale and is_later else Step.HEAR
    return Step.IGNORE if fires is False else Step.REOPEN


def _step_of_end(event: Event, ends_at: datetime, fires: bool | None) -> Step:
    is_known = event.is_known_end(ends_at)
    if event.ends_at is None:
        return Step.IGNORE if is_known and fires else Step.END
    is_better = not event.end_notified or ends_at > event.ends_at
    return Step.CORRECT_END if is_better and not is_known else Step.IGNORE
