"""Numbers, names and times as text."""

from datetime import UTC, datetime

from .record import Alert, Record, Signal
from .timeline import NO_SIGNAL, Row

# Between a number and its unit, where no line may break.
SPACE = "\u00a0"
# In a longer time range, times are those of the clock.
MAX_SECONDS = 1_200


def percent(share: float) -> str:
    """A share as a whole percentage, or with a decimal if it is below one."""
    if 0 < share < 0.0005:
        return f"<{SPACE}0.1{SPACE}%"
    decimals = 1 if 0 < share < 0.00995 else 0
    return f"{100 * share:.{decimals}f}{SPACE}%"


def spent(part: float) -> str:
    """A part of the false-alarm budget, to two digits unless it is negligible."""
    return f"{part:.2g}" if part >= 0.0001 else f"<{SPACE}0.0001"


def seconds(duration: float) -> str:
    """A duration, with a decimal."""
    return f"{duration:.1f}{SPACE}s"


def unbroken(text: str) -> str:
    """The same, with no line break between a number and its percent sign."""
    return text.replace(" %", f"{SPACE}%")


def plain(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ").replace("-", " ")


def count(number: float, what: str) -> str:
    """A number of things; `what` is singular, and has a plural with an s."""
    return f"{number:,.0f} {what}" if round(number) == 1 else f"{number:,.0f} {what}s"


def listed(names: list[str], most: int = 4) -> str:
    """A list in a sentence, shortened to `most` names."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def clock(moment: float) -> str:
    """A time of day, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")


def day(moment: float) -> str:
    """A date, in UTC."""
    date = datetime.fromtimestamp(moment, UTC)
    return f"{date.day} {date:%B %Y}"


def duration(length: float) -> str:
    """The two largest units of a duration."""
    rest, parts = round(length), []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, rest = divmod(rest, size)
        parts.append((number, f"{number}{SPACE}{unit}"))
    first = next((place for place, (n, _) in enumerate(parts) if n), len(parts) - 1)
    shown = [text for n, text in parts[first : first + 2] if n]
    return " ".join(shown) or parts[-1][1]


def title(signal: Signal) -> str:
    """The name of a signal as words, with its segment or unit."""
    name = plain(signal.name)
    if signal.segment:
        return f"{name} {signal.segment}"
    return f"{name}, {signal.unit}" if signal.unit else name


def subject(row: Row) -> str:
    """What an alert is about. Categories are written as the model writes them."""
    signal = "" if row.signal == NO_SIGNAL else plain(row.signal)
    return " ".join(filter(None, (signal, row.segment, row.direction)))


def ends(text: str) -> tuple[str, str]:
    """The ends of a range such as "2500 to 8000"; the open end of one is empty."""
    for words, is_low in (("at most ", False), ("above ", True)):
        if text.startswith(words):
            edge = text.removeprefix(words)
            return (edge, "") if is_low else ("", edge)
    low, _, high = text.partition(" to ")
    return low, high


def between(low: str, high: str) -> str:
    """The range between two ends, as `ends` reads it."""
    if low and high:
        return f"{low} to {high}"
    return f"above {low}" if low else f"at most {high}"


def counts_seconds(record: Record) -> bool:
    """Whether times are in seconds after the first phase, not by the clock."""
    return bool(record.phases) and record.until - record.since <= MAX_SECONDS


def moment(record: Record, instant: float) -> str:
    """A time as the charts show it."""
    if counts_seconds(record):
        return seconds(instant - record.origin)
    return clock(instant)


def after_change(record: Record, instant: float) -> str:
    """How long after the start of its phase a time is; without phases, by the clock."""
    if not record.phases:
        return f"at {clock(instant)}"
    before = [phase for phase in record.phases if phase.start <= instant]
    phase = before[-1] if before else record.phases[0]
    if instant < phase.start:
        return f"{seconds(phase.start - instant)} before {plain(phase.name)}"
    return f"{seconds(instant - phase.start)} into {plain(phase.name)}"


def delivered(alert: Alert) -> str:
    """How long after an alert fired its notification arrived."""
    if alert.row.delivered is None:
        return "not delivered"
    return f"delivered {seconds(max(alert.row.delivered - alert.row.fired, 0))} later"
