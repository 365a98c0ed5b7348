"""What was measured, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .durations import ALL_RULES
from .moments import Moments
from .needed import MIXES, Needed

RATES = (10, 50, 100, 1_000)
# Of each stage: what it is, what it depends on, what would make it shorter.
STAGES = (
    (
        "change → enough applications",
        "size of the change, applications a second, length of the window",
        "more applications; a shorter window, for large changes only",
    ),
    (
        "enough → scraped",
        "`scrape_interval`, 1 s: half of it on average",
        "scrape more often",
    ),
    (
        "scraped → judged by the window's rules",
        "`interval` of the group, 1 s; the same in every run, see below",
        "evaluate more often",
    ),
    (
        "judged → alert fires",
        "the alerts are another group, evaluated at another moment; see below",
        "alerts in the group of the shortest window; evaluate more often",
    ),
    (
        "fires → Alertmanager has it",
        "time that the rules of the group take, and HTTP",
        "nothing worth it",
    ),
    (
        "Alertmanager → receiver has it",
        "`group_wait`, 1 s, and HTTP",
        "`group_wait: 0s`; then alerts of one group come one by one",
    ),
)
NOTES = """\
Prometheus evaluates a group at a moment of each second that follows from its name and
the path of its file, and scrapes a target at one that follows from its address and the
name of the host. So the waits for the rules are the same in every run here, and may be
anything from 0 to 1 s elsewhere. Within a second, when there was enough is interpolated
between two scrapes. What cannot be told apart: the request, and the counting of it,
from the first stage; rules and HTTP from Prometheus to Alertmanager; `group_wait` and
HTTP from Alertmanager to the receiver, which notes the time when it has read a
notification, before it is on the disk.

Of several alerts of one evaluation, the one that was told first is shown; another may
have had enough a scrape earlier. An evaluation that is late, on a busy machine, is seen
by the next group a second later, and the rules take longer there."""


@dataclass(frozen=True, slots=True)
class Run:
    """The first alert of a run, when it got where, and how long single steps took."""

    case: str
    alert: str
    moments: Moments
    durations: Mapping[str, float]


def report(
    runs: Sequence[Run], needed: Needed, command: str, machine: str
) -> Iterator[str]:
    """The whole page."""
    yield from ("# Where the seconds go", "", f"`{command}`", "", f"{machine}.", "")
    yield from stage_table(runs)
    yield from ("", NOTES, "", "## Below a second", "", _below_a_second(runs))
    yield from ("", "## How long single steps take", "")
    yield from duration_table(runs)
    yield from ("", "## How many applications it takes", "")
    yield (
        f"Of the decisions, for {needed.nats:g} nats, in a window that holds nothing "
        "of the time before, and the seconds until so many have come."
    )
    yield ""
    yield from needed_table(needed)


def stage_table(runs: Sequence[Run]) -> Iterator[str]:
    """A line for each stage, a column for each case: median (least to most)."""
    cases = list(dict.fromkeys(run.case for run in runs))
    of = {case: [run for run in runs if run.case == case] for case in cases}
    heads = [f"{case} ({len(of[case])} runs)" for case in cases]
    yield f"| from → to | {' | '.join(heads)} | depends on | for less |"
    yield "|---" * (len(cases) + 3) + "|"
    first = [
        ", ".join(sorted({f"`{run.alert}`" for run in of[case]})) for case in cases
    ]
    yield f"| first alert | {' | '.join(first)} | | |"
    for number, (name, by, less) in enumerate(STAGES):
        cells = [
            _spread([run.moments.stages[number] for run in of[case]]) for case in cases
        ]
        yield f"| {name} | {' | '.join(cells)} | {by} | {less} |"
    totals = [_spread([sum(run.moments.stages) for run in of[case]]) for case in cases]
    yield f"| **change → receiver** | {' | '.join(totals)} | | |"


def duration_table(runs: Sequence[Run]) -> Iterator[str]:
    """A line for each step: median over all runs of each run's median, and the most."""
    yield "| step | median | slowest run |"
    yield "|---|---|---|"
    for name in runs[0].durations:
        taken = [1000 * run.durations[name] for run in runs]
        yield f"| {name} | {median(taken):.1f} ms | {max(taken):.1f} ms |"


def needed_table(needed: Needed) -> Iterator[str]:
    """A line for each mix of decisions, a column for each rate."""
    rates = " | ".join(f"{rate:,}/s" for rate in RATES)
    yield f"| approved / denied / analyst become | applications | {rates} |"
    yield "|---" * (len(RATES) + 2) + "|"
    for mix in MIXES:
        shares = " / ".join(f"{100 * share:.0f}" for share in mix.values())
        n = needed.applications(mix)
        cells = " | ".join(f"{n / rate:.3g} s" for rate in RATES)
        yield f"| {shares} | {n} | {cells} |"


def _below_a_second(runs: Sequence[Run]) -> str:
    way = median(sum(run.moments.stages[1:]) for run in runs)
    waited = median(run.moments.stages[-1] for run in runs)
    rules = 1000 * median(run.durations[ALL_RULES] for run in runs)
    return (
        f"Once there is enough, it takes {way:.1f} s (median) until the receiver has "
        f"it. `group_wait: 0s` saves nearly all of the last {waited:.1f} s; alerts in "
        "the group of the shortest window, the wait between the two groups. What is "
        "left are half an interval, on average, until a scrape and another until the "
        "rules, and as long as the rules and two requests take. Both intervals may be "
        f"shortened as long as all rules fit: together they take {rules:.0f} ms of one "
        "core. From there on it is statistics: only more applications a second make "
        "that shorter."
    )


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"
