"""The statistics that people know, over hours and days."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.promql import VERSION
from ..panels.tables import Column, listing

# Of the population stability index, by convention: small, and large.
BANDS = ((None, "green"), (0.1, "yellow"), (0.25, "red"))
# A bar is full there.
FULL = 0.5
WINDOWS = {"1h": "1 h", "1d": "24 h", "7d": "7 d"}


def panels() -> list[Builder[Panel]]:
    """One table."""
    return [_psi()]


def _psi() -> Builder[Panel]:
    about = About(
        id=50,
        title="Population stability index (PSI)",
        unit="none",
        width=24,
        height=9,
        runbook="ModelInputDrift",
        empty="Computed every five minutes: known five minutes after the start.",
        description="""
            How far the distribution of each signal is from its reference, as one
            number, over the last hour, day and week. By convention, less than 0.1 is no
            change, and more than 0.25 a large one. Chance alone makes it about as large
            as the column beside it: with few applications it is large without a drift.
            No alert depends on it. If a signal has been far off for a week, consider
            fitting the model again.
        """,
    )
    queries, columns = [], {"signal": Column("signal")}
    for window, title in WINDOWS.items():
        for figure in ("index", "chance"):
            recorded = f"signal:model_psi:{figure}{window}{{{VERSION}}}"
            queries.append(f"max by (signal) ({recorded})")
            value = f"Value #{'ABCDEF'[len(queries) - 1]}"
            columns[value] = (
                Column(f"PSI of {title}", colours=BANDS, gauge=FULL)
                if figure == "index"
                else Column(f"by chance in {title}", decimals=4)
            )
    queries[0] = f"sort_desc({queries[0]})"
    return listing(about, "signal", queries, columns).decimals(3)
