"""Where a signal moved to: observed shares beside those of the reference."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About, repeated
from ..panels.promql import (
    PARTITION,
    in_order,
    observed,
    reference,
    tolerated_least,
    tolerated_most,
)
from ..panels.tables import bars

CHOSEN = 'signal=~"$signal",role!="segment"'
# An input may have hundreds of categories: the most frequent ones in the reference are
# drawn, and those that are most frequent now.
FREQUENT, FREQUENT_NOW = 12, 4


def panels() -> list[Builder[Panel]]:
    """One panel for each chosen signal."""
    return [_distribution()]


def _distribution() -> Builder[Panel]:
    about = About(
        id=20,
        title="$signal",
        unit="percentunit",
        width=8,
        runbook="ModelInputDrift",
        empty="No application had this signal in the range: choose a longer one.",
        description=f"""
            Shares of categories, or of ranges of numbers, in the chosen range. Expected
            is the reference; the outlines beside it are the edges of what is tolerated.
            All of it shifted is another population, or another unit. A single bar that
            stands out is a default that a form fills in. Of many categories, the
            {FREQUENT} most frequent ones are shown, and the {FREQUENT_NOW} that are
            most frequent now.
        """,
    )
    cells = f"{CHOSEN},{PARTITION}"
    now, expected = observed(cells, CHOSEN), reference(cells)
    frequent = (
        f"topk({FREQUENT}, {expected})"
        f" or {expected} and on (category) topk({FREQUENT_NOW}, {now})"
    )
    columns = {
        "expected": f"sort_desc({in_order(f'({frequent})')})",
        "tolerated from": f"sum by (category) ({tolerated_least(cells, CHOSEN)})",
        "tolerated to": f"sum by (category) ({tolerated_most(cells, CHOSEN)})",
        "observed": f"sum by (category) ({now})",
    }
    return repeated(bars(about, "category", columns), "signal", per_row=3)
