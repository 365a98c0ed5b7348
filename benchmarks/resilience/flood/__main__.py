"""A thousand notifications a second for a minute, and ten thousand alerts in one.

python -m benchmarks.resilience.flood --rate 1000 --seconds 60

The sender is on the same cores as the receiver. Writes results/flood.md.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from benchmarks.machine import described
from benchmarks.resilience.flood.sending import Sent, flood, notification
from benchmarks.resilience.flood.serving import TOKEN, receiver
from stack.ports import HOST
from stack.process import local

FOLDER = Path(__file__).parents[3] / "build" / "flood"
RESULT = Path(__file__).parents[2] / "results" / "flood.md"
CONNECTIONS = 32
MANY = 10_000


def many_notifications(rate: float, seconds: float) -> Iterator[str]:
    """Rows of the report."""
    with receiver(FOLDER) as running:
        before, start = running.peak(), time.monotonic()
        count = int(rate * seconds)
        sent: Sent = asyncio.run(
            flood((HOST, running.port), TOKEN, rate, count, CONNECTIONS)
        )
        took = time.monotonic() - start
        percentiles = quantiles(sent.seconds, n=100)
        size = sum(file.stat().st_size for file in FOLDER.glob("alerts.sqlite*"))
        yield f"| notifications sent, due at {rate:g} a second | {count:,} |"
        yield f"| answered 204, each once | {len(sent.seconds):,} |"
        yield (
            "| refused (5xx) and broken connections, sent again | "
            f"{sent.refused:,}, {sent.broken:,} |"
        )
        yield f"| rate that was reached | {count / took:,.0f} a second |"
        yield (
            "| seconds from due to answered: median, p99, worst | "
            f"{percentiles[49]:.3f}, {percentiles[98]:.3f}, {max(sent.seconds):.3f} |"
        )
        yield f"| alerts in the history that were answered | {running.stored():,} |"
        yield _memory(before, running.peak())
        yield f"| history on the disk | {size / 1e6:.0f} MB |"


def many_alerts() -> Iterator[str]:
    """Rows of the report."""
    with receiver(FOLDER) as running:
        before = running.peak()
        body = notification([f"{i:016d}" for i in range(MANY)])
        start = time.monotonic()
        response = local().post(
            f"http://{HOST}:{running.port}/notifications",
            data=body,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
        )
        took = time.monotonic() - start
        yield f"| one notification of {MANY:,} alerts | {len(body) / 1e6:.1f} MB |"
        yield f"| answered {response.status_code} after | {took:.2f} s |"
        yield f"| alerts in the history | {running.stored():,} |"
        yield _memory(before, running.peak())


def _memory(before: float, peak: float) -> str:
    return f"| memory of the receiver: before, peak | {before:.0f}, {peak:.0f} MB |"


def main() -> None:
    """Measures both, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.flood")
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    machine = described("flask", "granian")
    command = (
        "python -m benchmarks.resilience.flood "
        f"--rate {options.rate:g} --seconds {options.seconds:g}"
    )
    lines = [
        "# What the receiver takes",
        "",
        f"`{command}`",
        "",
        f"{machine}. The sender is on the same cores; {CONNECTIONS} connections.",
        "",
        "| | |",
        "|---|---|",
        *many_notifications(options.rate, options.seconds),
        *many_alerts(),
    ]
    text = "\n".join(lines) + "\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
