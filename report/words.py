"""Figures, names and instants in words."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from math import exp

from stack.timeline import Row

from . import timeaxis
from .record import Alert, Distribution, Record

# Between a number and its unit, where no line breaks.
SPACE = "\u00a0"


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * share:.0f}{SPACE}%"


def seconds(duration: float) -> str:
    """A duration, with a decimal."""
    return f"{duration:.1f}{SPACE}s"


def unbroken(text: str) -> str:
    """The same, with no line break between a number and its percent sign."""
    return text.replace(" %", f"{SPACE}%")


def plain(name: str) -> str:
    """A label as words."""
    return name.replace("_", " ").replace("-", " ")


def count(number: float, what: str) -> str:
    """So many of `what`, which is singular and makes its plural with an s."""
    return f"{number:,.0f} {what}" if round(number) == 1 else f"{number:,.0f} {what}s"


def window(length: str) -> str:
    """A window of the rules as words: 10 s for 10s."""
    return re.sub(r"(?<=\d)(?=\D)", SPACE, length)


def clock(moment: float) -> str:
    """A time of day, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")


def duration(length: float) -> str:
    """Minutes and seconds, hours and minutes."""
    whole = round(length)
    if whole < 3_600:
        minutes, rest = divmod(whole, 60)
        return " ".join(
            f"{n}{SPACE}{u}" for n, u in ((minutes, "min"), (rest, "s")) if n
        )
    hours, rest = divmod(whole // 60, 60)
    return " ".join(f"{n}{SPACE}{u}" for n, u in ((hours, "h"), (rest, "min")) if n)


def fired(record: Record, row: Row) -> str:
    """When an alert fired: after the change, if there was one, else by the clock."""
    if not record.phases:
        return f"at {clock(record.origin + row.fired)}"
    if row.delay < 0:
        return f"{seconds(-row.delay)} before {plain(row.cause)}"
    return f"{seconds(row.delay)} into {plain(row.cause)}"


def delivered(alert: Alert) -> str:
    """How long after it fired the receiver knew."""
    if alert.row.delivered is None:
        return "not delivered"
    return f"delivered {seconds(alert.row.delivered - alert.row.fired)} later"


def buckets(distribution: Distribution) -> tuple[str, ...]:
    """What each bar of a distribution is of."""
    if distribution.categories:
        return distribution.categories
    edges = [f"{edge:,.10g}" for edge in distribution.edges]
    between = (f"{low} to {high}" for low, high in pairwise(edges[:-1]))
    return (f"up to {edges[0]}", *between, f"above {edges[-2]}")


def day(moment: float) -> str:
    """A date, in UTC."""
    date = datetime.fromtimestamp(moment, UTC)
    return f"{date.day} {date:%B %Y}"


def moment(record: Record, instant: float) -> str:
    """An instant as the figures count it."""
    if timeaxis.counts_seconds(record):
        return seconds(instant - record.origin)
    return clock(instant)


def exact(share: float) -> str:
    """A share with a decimal."""
    return f"{100 * share:.1f}{SPACE}%"


def odds(nats: float) -> str:
    """One in how many, to one digit."""
    return f"{float(f'{exp(nats):.0e}'):,.0f}"
