"""Which signals moved, how far and since when."""

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.promql import (
    CELL,
    MOVING,
    SIGNAL,
    VERSION,
    moved_most,
    named,
    observations,
    observed,
    reference,
    spent,
    tolerance,
    tolerated_least,
    tolerated_most,
    with_unit,
)
from ..panels.series import edge, limit, line, lines, ranked_legend
from ..panels.tables import Column, listing

DECISIONS = 'role="decision"'
EVERY = 'role!=""'


def panels() -> list[Builder[Panel]]:
    """Curves, and below them the figures of the moment."""
    return [_mix(), _evidence(), _moved()]


def _mix() -> Builder[Panel]:
    about = About(
        id=10,
        title="Shares of the decisions",
        unit="percentunit",
        width=10,
        height=10,
        runbook="ModelDecisionDrift",
        empty="No application was decided.",
        description="""
            The share of each decision among the applications of the chosen range. The
            dashed lines are the edges of what is tolerated. A line that stays outside
            them is a drift. It crosses them by chance if the range has few
            applications: the curves beside it show whether it is more than that.
        """,
    )
    cells = f'{DECISIONS},kind="category"'
    return lines(
        about,
        line(observed(cells, DECISIONS), "{{category}}"),
        edge(tolerated_most(cells, DECISIONS), "{{category}} at most"),
        edge(tolerated_least(cells, DECISIONS), "{{category}} at least"),
    )


def _evidence() -> Builder[Panel]:
    about = About(
        id=11,
        title="Part of the false-alarm budget that each signal has spent",
        unit="sci",
        width=14,
        height=10,
        runbook="ModelInputDrift",
        empty="No model exports cells, or the rules of model-drift are not loaded.",
        description="""
            How much evidence there is that a signal left its tolerance. At 1 an alert
            fires; below the release it ends. The axis is logarithmic: a healthy signal
            stays near the bottom, and a drift rises by about the same distance with
            each application. Inputs that rise together with the decisions explain
            them. If no input rises, suspect the model.
        """,
    )
    critical = f"signal:model_critical_drift:spent_ratio{{{VERSION}}}"
    scale = common.ScaleDistributionConfig().type(styles.ScaleDistribution.LOG)
    return (
        lines(
            about,
            line(named(spent(EVERY)), "{{name}}"),
            line(f"clamp_min(max({critical}), 1e-9)", "decision (critical)"),
            limit("vector(1)", "alarm"),
            limit("threshold:model_drift:release_ratio", "release", "text"),
        )
        .min(1e-9)
        .max(30)
        .decimals(1)
        .scale_distribution(scale.log(10))
        .legend(ranked_legend())
    )


def _moved() -> Builder[Panel]:
    about = About(
        id=12,
        title="Where each signal moved most",
        unit="percentunit",
        width=24,
        height=10,
        runbook="ModelInputDrift",
        empty="No application was decided in this range: choose a longer one.",
        description="""
            One row for each signal, the one nearest to an alarm first; at 100 % an
            alert fires. Moved most is the category, or the range of numbers, whose
            share in the chosen range is furthest from the reference. It may be off by
            the tolerance, and further by chance if there are few observations: the
            budget shows whether it is more than that. Ask the owner of the input that
            is first what changed when its drift began.
        """,
    )
    cells = f"{EVERY},{MOVING}"
    most = moved_most(EVERY)
    drifting = (
        f"signal_direction:model_drift:start_timestamp_seconds{{{VERSION}}}"
        f" and signal_direction:model_drift:active{{{VERSION}}} == 1"
    )
    return listing(
        about,
        "name",
        [
            f"sort_desc({named(spent(EVERY))})",
            named(with_unit(f"({observed(cells, EVERY)} and on ({CELL}) {most})")),
            named(f"sum by ({SIGNAL}) ({reference(cells)} and on ({CELL}) {most})"),
            named(tolerance(EVERY)),
            named(observations(EVERY)),
            named(f"1000 * min by ({SIGNAL}) ({drifting})"),
        ],
        {
            "name": Column("signal"),
            "Value #A": Column(
                "budget spent",
                colours=((None, "green"), (0.0067, "yellow"), (1, "red")),
                decimals=1,
                below=(0.001, "under 0.1 %"),
                above=(1, "over 100 %"),
            ),
            "Value #F": Column("drifts since", "dateTimeFromNow"),
            "cell": Column("moved most"),
            "Value #B": Column("observed"),
            "Value #C": Column("expected"),
            "Value #D": Column("tolerance (±)"),
            "Value #E": Column("observations", "locale", decimals=0),
        },
    )
