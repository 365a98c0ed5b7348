"""What monitoring costs the analyzer, and how fast it is beside others.

    make bench [ARGS="peers | metrics | work | alone"]

Writes one file for each part into `results/`. Needs wrk and h2load (Debian's packages
wrk and nghttp2-client); peers are installed into build/peers. A part takes about five
minutes, alone ten. Everything is a ratio within one run, because machines are noisy.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import parts
from benchmarks.machine import described

from . import alone, work
from .servers import Server, analyzer, bentoml, fastapi, mlserver, running, variant
from .throughput import ROUNDS, measure

RESULTS = Path(__file__).parent / "results"
CONSTANT = "Flask, a constant answer"
REQUESTS = 1_000_000
PACKAGES = ("flask", "granian", "prometheus-client", "scikit-learn")


def peers() -> Iterator[str]:
    """The analyzer beside Flask alone and other servers of models."""
    servers = (
        variant(CONSTANT, "constant"),
        variant(f"{CONSTANT}, Granian's WSGI", "wsgi"),
        analyzer(),
        fastapi(),
        mlserver(),
        bentoml(),
    )
    yield from _throughputs(servers, CONSTANT)


def metrics() -> Iterator[str]:
    """The analyzer with parts of its metrics left out."""
    bare = "validate, score, decide"
    servers = (
        variant(bare, "without-metrics"),
        variant("and count decisions, scores and inputs", "without-http-metrics"),
        analyzer(),
        variant("with the exporter's own hooks instead", "library-hooks"),
    )
    yield from _throughputs(servers, bare)


def _throughputs(servers: Sequence[Server], base: str) -> Iterator[str]:
    found = measure(servers)
    yield f"| server | requests/s | times “{base}” | CPU for a request |"
    yield "|---|---|---|---|"
    for name, row in found.items():
        yield (
            f"| {name} | {alone.spread(row.per_second, 0)} "
            f"| {alone.spread(row.ratio(found[base]))} | {median(row.cpu):.0f} µs |"
        )
    yield ""
    yield f"Median (least to greatest) of {ROUNDS} rounds, in turns."


def steps() -> Iterator[str]:
    """What a decision is made of."""
    found = work.measure()
    yield "| step | CPU |"
    yield "|---|---|"
    for name, microseconds in found.items():
        yield f"| {name} | {microseconds:.1f} µs |"
    names = list(work.STEPS)
    inside = sum(found[name] for name in names[1:])
    yield f"| all but the first | {inside:.1f} µs |"


def by_itself() -> Iterator[str]:
    """Start, latency, exposition, memory, replicas."""
    yield "| what | result |"
    yield "|---|---|"
    yield f"| from start to first decision | {alone.spread(alone.start_seconds())} s |"
    with running(analyzer()) as server:
        samples, took = alone.exposition(server)
        yield f"| /metrics, {samples} samples | {alone.spread(took, 1)} ms |"
        rows = alone.open_load(server, 0.5)
        ratios = [row.p99 / row.median for row in rows]
        p50 = alone.spread([row.median for row in rows])
        p99 = alone.spread([row.p99 for row in rows])
        yield f"| median latency under half of capacity | {p50} ms |"
        yield f"| its 99th percentile | {p99} ms |"
        yield f"| 99th percentile over median | {alone.spread(ratios, 1)} |"
        scraped = alone.spread(alone.cost_of_scrapes(server), 3)
        yield f"| throughput while scraped every second, over without | {scraped} |"
    both = alone.spread(alone.two_replicas())
    yield f"| two replicas on two cores over one | {both} |"
    with running(analyzer()) as server:
        first, last = alone.memory_growth(server, REQUESTS)
    yield (
        f"| resident after {REQUESTS // 10:,} and after {REQUESTS:,} more decisions "
        f"| {first:.1f} MiB, {last:.1f} MiB ({100 * (last / first - 1):+.1f} %) |"
    )


PARTS: parts.Parts = {
    "peers": peers,
    "metrics": metrics,
    "work": steps,
    "alone": by_itself,
}


def main() -> None:
    """Measures, prints and writes the parts that the command line names."""
    for name in parts.chosen("benchmarks.performance", PARTS):
        head = f"`make bench ARGS={name}`; {described(*PACKAGES)}."
        parts.write(RESULTS / f"{name}.md", head, PARTS[name]())


if __name__ == "__main__":
    main()
