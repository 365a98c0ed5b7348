"""promtool's notation of values, read and written at another interval."""

import re

ITEM = re.compile(
    r"(?P<start>[-+]?[\d.]+(?:e[-+]?\d+)?|_|stale)"
    r"(?:(?P<step>[-+][\d.]+(?:e[-+]?\d+)?)?x(?P<times>\d+))?"
)


# What a series that ended is followed by.
ENDED = ("_", "stale")


def expanded(notation):
    """Every value, as text: `1+2x2 _ stale` is 1 3 5 _ stale."""
    values = []
    for item in notation.split():
        match = ITEM.fullmatch(item)
        start, step, times = match["start"], match["step"], match["times"]
        if start in ("_", "stale"):
            # `_x3` is three missing samples, unlike `1x3`, which is four values.
            values += [start] * (int(times) if times else 1)
            continue
        for i in range(int(times or 0) + 1):
            values.append(f"{float(start) + i * float(step or 0):.12g}")
    return values


def resampled(notation, old, new):
    """The values of samples every `old` seconds, as seen every `new` seconds.

    Between two samples a scrape finds the first of them. A series that ended since the
    scrape before is marked stale by this one.
    """
    values = expanded(notation)
    last = (len(values) - 1) * old
    found = []
    before = 0
    for time in range(0, last + new, new):
        now = min(time // old, len(values) - 1)
        ended = "stale" in values[before + 1 : now + 1] and values[now] in ENDED
        if time <= last or ended:
            found.append("stale" if ended else values[now])
        before = now
    return " ".join(found)
