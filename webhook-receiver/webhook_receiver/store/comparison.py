"""Makes the history equal to what Alertmanager lists.

A difference is removed when two askings in a row show it and nothing was heard of the
alert in between: a notification may be under way, and wins.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .. import lifecycle
from ..alerts import OWN_FINGERPRINT, ListedAlert
from ..lifecycle import Step
from . import rows, schema
from .event_writer import EventWriter


@dataclass(frozen=True, slots=True)
class Differences:
    """In what Alertmanager and the history differ, and when an asking first showed it.

    `absent` are the rows of events that fire only in the history, `lacking` the
    fingerprints of alerts that fire only in Alertmanager.
    """

    absent: Mapping[int, datetime] = field(default_factory=dict)
    lacking: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """The alerts that fire in Alertmanager, by fingerprint.

    Those of `ours` are routed to this receiver. Without `is_complete` there may be
    others: an Alertmanager did not answer, or has just started and knows nothing yet.
    """

    alerts: Mapping[str, ListedAlert]
    ours: frozenset[str]
    is_complete: bool


def compare(writer: EventWriter, listing: Listing, before: Differences) -> Differences:
    """Confirms events, ends, adds and reopens them. Returns what still differs.

    Raises `sqlite3.Error`.
    """
    own = (OWN_FINGERPRINT,)
    open_events = writer.connection.execute(schema.OPEN_EVENTS, own).fetchall()
    absent = _confirm_or_end(writer, open_events, listing, before)
    firing = {row["fingerprint"] for row in open_events}
    lacking = _add(writer, listing.ours - firing, listing, before)
    return Differences(absent, lacking)


def _confirm_or_end(
    writer: EventWriter,
    open_events: Iterable[sqlite3.Row],
    listing: Listing,
    before: Differences,
) -> Mapping[int, datetime]:
    absent = {}
    for row in open_events:
        since = before.absent.get(row["id"], writer.at)
        if listed := listing.alerts.get(row["fingerprint"]):
            writer.write(Step.HEAR, row, listed.alert, listed.suppressed)
        elif listing.is_complete and _persists(writer, row, since):
            writer.end_unnoticed(row, since)
        elif listing.is_complete:
            absent[row["id"]] = writer.at
    return absent


def _add(
    writer: EventWriter,
    fingerprints: Iterable[str],
    listing: Listing,
    before: Differences,
) -> Mapping[str, datetime]:
    lacking = {}
    for fingerprint in sorted(fingerprints):
        listed = listing.alerts[fingerprint]
        row = writer.event_of(listed.alert)
        since = before.lacking.get(fingerprint, writer.at)
        if _persists(writer, row, since):
            event = rows.event(row)
            step = lifecycle.step(event, listed.alert, writer.at, True, timedelta.max)
            writer.write(step, row, listed.alert, listed.suppressed)
        else:
            lacking[fingerprint] = writer.at
    return lacking


def _persists(writer: EventWriter, row: sqlite3.Row | None, since: datetime) -> bool:
    """Whether an earlier asking showed a difference, and nothing was heard since."""
    heard = row is not None and datetime.fromisoformat(row["heard_at"]) >= since
    return since < writer.at and not heard
