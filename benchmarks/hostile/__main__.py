"""What floods and stalled clients do to the analyzer's decisions, measured.

python -m benchmarks.hostile [scrapers | overload | idle]

Writes one file for each part into ../results. Needs wrk and h2load (Debian's packages
wrk and nghttp2-client); takes four minutes. Latencies are ratios within one run.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import parts
from benchmarks.analyzer import load
from benchmarks.analyzer.alone import spread
from benchmarks.analyzer.load import Latency
from benchmarks.analyzer.servers import Running, Server, analyzer, running
from benchmarks.machine import described
from benchmarks.processes import resident

from .idle import idle
from .overload import overload
from .scrapers import CONNECTIONS as FEW
from .scrapers import measure

RESULTS = Path(__file__).parents[1] / "results"
PACKAGES = ("granian", "prometheus-client", "uvloop")
# A caller's latency is that of an analyzer that has something to do, and time left.
LOAD = 0.3
TIMES_CAPACITY = 5
MINUTE = 60
CONNECTIONS = (64, 1_000)
IDLE = 10_000


def scrapers() -> Iterator[str]:
    """The metrics port misused: decisions before and meanwhile."""
    command = ("-m", "benchmarks.hostile.library_server", "--port={port}")
    library = Server(
        "prometheus-client's",
        (sys.executable, *command, "--metrics-port={metrics_port}"),
    )
    yield (
        "| server of /metrics | misuse | median | times before "
        "| 99th percentile | times before |"
    )
    yield "|---|---|---|---|---|---|"
    for server in (analyzer(), library):
        name = "this one" if server is not library else server.name
        with running(server) as found:
            rate = LOAD * capacity(found)
            for misuse, rounds in measure(found, rate):
                yield f"| {name} | {misuse} | {compared(rounds)} |"


def flood() -> Iterator[str]:
    """Five times as many applications as it can decide on, for a minute."""
    yield "| | " + " | ".join(f"{c:,} connections" for c in CONNECTIONS) + " |"
    yield "|---|" + "---|" * len(CONNECTIONS)
    columns = [dict(flooded(count)) for count in CONNECTIONS]
    for row in columns[0]:
        yield f"| {row} | " + " | ".join(column[row] for column in columns) + " |"


def flooded(connections: int) -> Iterator[tuple[str, str]]:
    """The rows of one column."""
    with running(analyzer()) as server:
        most, memory = capacity(server), resident(server.process)
        before = load.latency(server, LOAD * most, 5, FEW)
        rate, asked = TIMES_CAPACITY * most, int(most * MINUTE)
        found = overload(server, rate, asked, connections)
        after = load.latency(server, LOAD * most, 5, FEW)
        p50, p99, longest = found.milliseconds
        checked = [1_000 * seconds for seconds in found.checks.seconds[1:]]
        yield "capacity", f"{most:,.0f}/s"
        yield "offered", f"{rate:,.0f}/s for {found.seconds:.0f} s"
        yield "answered", f"{asked / found.seconds:,.0f}/s"
        yield "answers by status", f"{found.statuses}"
        yield "requests asked, decisions counted", f"{asked:,}, {found.counted:,}"
        yield (
            "median, 99th percentile, longest",
            f"{p50:.0f}, {p99:.0f}, {longest:.0f} ms",
        )
        yield (
            "another caller: answers, wrong",
            f"{len(checked)}, {len(found.checks.wrong)}",
        )
        yield "its median, longest", f"{median(checked):.0f}, {max(checked):.0f} ms"
        yield "longer than 100 ms, by its own metrics", f"{100 * found.slow:.0f} %"
        yield "memory before, most", f"{memory:.0f}, {found.mebibytes:.0f} MiB"
        yield (
            "median latency after, times before",
            f"{after.median / before.median:.2f}",
        )


def connections() -> Iterator[str]:
    """Ten thousand connections that never send."""
    with running(analyzer()) as server:
        found = idle(server, IDLE, LOAD * capacity(server))
    held, memory = found.mebibytes[1], found.mebibytes[0]
    p50 = found.before.median, found.during.median
    p99 = found.before.p99, found.during.p99
    yield f"| {IDLE:,} connections that never send | before | while they are open |"
    yield "|---|---|---|"
    yield f"| memory of all its processes | {memory:.0f} MiB | {held:.0f} MiB |"
    yield f"| median of decisions on new ones | {p50[0]:.2f} ms | {p50[1]:.2f} ms |"
    yield f"| 99th percentile | {p99[0]:.1f} ms | {p99[1]:.1f} ms |"
    yield f"| all of them closed after | | {found.closed_after:.1f} s |"


def capacity(server: Running) -> float:
    """Decisions a second, as fast as 16 connections can ask."""
    load.throughput(server, 2)
    return load.throughput(server, 4)


def compared(rounds: Sequence[tuple[Latency, Latency]]) -> str:
    """Median and 99th percentile, and how many times those right before."""
    p50 = median(during.median for _, during in rounds)
    p99 = median(during.p99 for _, during in rounds)
    p50s = spread([during.median / before.median for before, during in rounds])
    p99s = spread([during.p99 / before.p99 for before, during in rounds])
    return f"{p50:.2f} ms | {p50s} | {p99:.1f} ms | {p99s}"


PARTS: parts.Parts = {
    "scrapers": scrapers,
    "overload": flood,
    "idle": connections,
}


def main() -> None:
    """Measures, prints and writes the parts that the command line names."""
    for name in parts.chosen("benchmarks.hostile", PARTS):
        head = f"`python -m benchmarks.hostile {name}`; {described(*PACKAGES)}."
        parts.write(RESULTS / f"hostile-{name}.md", head, PARTS[name]())


if __name__ == "__main__":
    main()
