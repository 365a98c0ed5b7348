"""The rules side by side with other detectors, on the same streams.

Ten applications a second. Each detector is measured at its defaults, and retuned to at
most one false alarm in 30 days of a healthy stream; its false alarms are then counted
on another 30 days.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import product

import numpy as np

from stack.environments import BUILD, python_of

from .judging import Detection, Row
from .libraries import by_chunks, by_streaming, requirements
from .streams import LIMIT, make_streams
from .windowed import by_shares, by_the_rules

PROCESSES = 2
STREAMING = ("river ADWIN", "frouros CUSUM", "river Page-Hinkley")
CHUNKED = ("Evidently", "NannyML")
DETECTORS = ("these rules", *STREAMING, *CHUNKED, "PSI", "a share is off")


def compare(
    *, seed: int, days: float = 30, replicates: int = 100, libraries: bool = True
) -> list[Row]:
    """Every detector on both streams, with healthy streams of `days`."""
    both = [
        make_streams(name, seed=seed, days=days, replicates=replicates)
        for name in ("decision", "monthly_income")
    ]
    jobs = [partial(job, s) for s in both for job in (by_the_rules, by_shares)]
    if libraries:
        for environment in ("streaming", "evidently", "nannyml"):
            python_of(requirements(environment))
        for streams in both:
            np.savez(BUILD / f"{streams.name}.npz", **asdict(streams))
        # The slowest first.
        grid = product(STREAMING, ("default", "retuned"), both)
        jobs = (
            [partial(by_streaming, *each) for each in grid]
            + [partial(by_chunks, *each) for each in product(CHUNKED, both)]
            + jobs
        )
    with ThreadPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(lambda job: list(job()), jobs))
    rows = [row for part in found for row in part]
    return sorted(rows, key=lambda r: (r.stream, DETECTORS.index(r.detector)))


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Markdown: for each stream, a line for each detector and setting."""
    yield (
        "False alarms are in 30 days, counted on as many as stand beside them. Delays "
        "are the median / the 95th percentile, in seconds from a change to an alarm. "
        f"– is later than {LIMIT} s; the share that was noticed until then is given "
        "where it is not all. Where false alarms are minutes apart, a delay is that of "
        "the next one, change or not."
    )
    for stream in dict.fromkeys(row.stream for row in rows):
        of = [row for row in rows if row.stream == stream]
        heads = ["detector", "setting", "false alarms", "days", *of[0].delays]
        yield from ("", f"### {stream}", "", "| " + " | ".join(heads) + " |")
        yield "|---" * len(heads) + "|"
        for row in of:
            cells = [
                row.detector,
                f"{row.setting} ({row.parameter})",
                f"{row.per_30_days:,.0f}",
                f"{row.days:.2g}",
                *map(_cell, row.delays.values()),
            ]
            yield "| " + " | ".join(cells) + " |"


def _cell(found: Detection) -> str:
    if not found.detected:
        return "never"
    both = [f"{s:.0f}" if s is not None else "–" for s in (found.median, found.p95)]
    noticed = f" ({found.detected:.0%})" if found.detected < 1 else ""
    return " / ".join(both) + noticed
