"""What monitoring costs the analyzer, and how fast it is beside others.

    make bench [ARGS="peers | models | decision | alone"]

Writes the parts into benchmarks/results/performance.md. Needs wrk; other servers are
installed into build/peers. A part takes about five minutes. Everything is a ratio
within one run, because machines are noisy.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from credit_analyzer.model import ARTIFACTS

from benchmarks import parts
from benchmarks.machine import described, resident

from . import decision, models, servers
from .servers import APPLICATION, Server, analyzer, running
from .throughput import ROUNDS, measure, throughput

PAGE = Path(__file__).parents[1] / "results" / "performance.md"
CONSTANT = "Flask, a constant response"
REQUESTS = 1_000_000
STARTS = 7
PACKAGES = ("flask", "granian", "prometheus-client", "scikit-learn")


def peers() -> Iterator[str]:
    """The analyzer beside Flask alone and other servers of models."""
    others = (servers.fastapi(), servers.mlserver(), servers.bentoml())
    compared = (servers.constant(CONSTANT), analyzer(), *others)
    yield from _throughputs(compared, analyzer().name)


def other_models() -> Iterator[str]:
    """The analyzer with other models and cards."""
    twenty, application = models.twenty_fields()
    compared = (
        analyzer(),
        analyzer("a tree of 20 fields", twenty, application),
        analyzer("a forest of 100 trees", models.forest()),
    )
    yield from _throughputs(compared, analyzer().name)


def _throughputs(compared: Sequence[Server], base: str) -> Iterator[str]:
    results = measure(compared)
    yield (
        f"| server | requests/s | {base} is so many times it | CPU for a request "
        "| times that of it |"
    )
    yield "|---|---|---|---|---|"
    for name, row in results.items():
        yield (
            f"| {name} | {spread(row.per_second, 0)} "
            f"| {spread(results[base].ratio(row))} | {median(row.cpu):.0f} µs "
            f"| {spread(results[base].cpu_ratio(row))} |"
        )
    yield ""
    yield f"Median (least to greatest) of {ROUNDS} rounds, in turns."


def one_decision() -> Iterator[str]:
    """What a decision is made of, of few fields and of many."""
    twenty, application = models.twenty_fields()
    few = decision.steps(ARTIFACTS, APPLICATION)
    many = decision.steps(twenty, application)
    yield "| step | the credit card | a card of 20 fields |"
    yield "|---|---|---|"
    for name, microseconds in few.items():
        yield f"| {name} | {microseconds:.1f} µs | {many[name]:.1f} µs |"
    inside = [sum(list(found.values())[1:]) for found in (few, many)]
    yield "| all but the first | " + " | ".join(f"{i:.1f} µs" for i in inside) + " |"
    cards = ((ARTIFACTS, APPLICATION), (twenty, application))
    for name, measured in (
        ("from the body to the text of the response, in a loop", decision.deciding),
        ("`Monitor.observe` in a loop", decision.observing),
    ):
        loop = [f"{measured(*card):.1f} µs" for card in cards]
        yield f"| {name} | " + " | ".join(loop) + " |"
    written = [decision.exposition(folder) for folder, _ in cards]
    cells = [f"{count:,} samples, {spread(took, 1)} ms" for count, took in written]
    yield "| write out /metrics | " + " | ".join(cells) + " |"


def alone() -> Iterator[str]:
    """Start, and memory."""
    started = []
    for _ in range(STARTS):
        begun = perf_counter()
        with running(analyzer(), poll=0.01):
            started.append(perf_counter() - begun)
    yield "| what | result |"
    yield "|---|---|"
    yield f"| from start to first decision | {spread(started)} s |"
    with running(analyzer()) as server:
        rate = throughput(server, 3)
        sizes = []
        for part in (REQUESTS / 10, REQUESTS):
            throughput(server, max(part / rate, 1))
            sizes.append(resident(server.process))
    growth = 100 * (sizes[1] / sizes[0] - 1)
    yield (
        f"| resident after {REQUESTS // 10:,} and after {REQUESTS:,} more decisions "
        f"| {sizes[0]:.1f} MiB, {sizes[1]:.1f} MiB ({growth:+.1f} %) |"
    )


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median, and the least and the greatest."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


PARTS: parts.Parts = {
    "peers": peers,
    "models": other_models,
    "decision": one_decision,
    "alone": alone,
}


def main() -> None:
    """Measures, prints and writes the parts that the command line names."""
    for name in parts.chosen("benchmarks.performance", PARTS):
        head = f"`make bench ARGS={name}`; {described(*PACKAGES)}."
        parts.write_section(PAGE, name, head, PARTS[name]())


if __name__ == "__main__":
    main()
