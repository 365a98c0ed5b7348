"""How soon VictoriaMetrics shows what it has accepted.

Rules that read each other's results wait for this at every step.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median

from stack.process import local, wait_until

from .engine import Engine

TIMES = 5


def delays(engine: Engine) -> Iterator[str]:
    """Lines: seconds until a new series, and until a new sample of it, is shown."""
    found: dict[str, list[float]] = {"a new series": [], "a new sample": []}
    for number in range(TIMES):
        name = f"visible_{number}"
        for what, value in (("a new series", "1"), ("a new sample", "2")):
            # Asked for before: rules have asked for what they read, too.
            engine.query(name)
            local().post(
                f"{engine.url}/api/v1/import/prometheus", data=f"{name} {value}\n"
            ).raise_for_status()
            start = time.monotonic()
            wait_until(_shows(engine, name, value), f"{name} {value}")
            found[what].append(time.monotonic() - start)
    for what, seconds in found.items():
        spread = f"{min(seconds):.1f} to {max(seconds):.1f}"
        yield f"{what} is shown after {median(seconds):.1f} s ({spread})"


def _shows(engine: Engine, name: str, value: str) -> Callable[[], bool]:
    return lambda: [s["value"][1] for s in engine.query(name)] == [value]
