"""promtool's notation of values, read and written at another interval."""

import re

ITEM = re.compile(
    r"(?P<start>[-+]?[\d.]+(?:e[-+]?\d+)?|_|stale)"
    r"(?:(?P<step>[-+][\d.]+(?:e[-+]?\d+)?)?x(?P<times>\d+))?"
)


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

    Between two samples a scrape finds the first of them.
    """
    values = expanded(notation)
    last = (len(values) - 1) * old
    return " ".join(values[time // old] for time in range(0, last + 1, new))
