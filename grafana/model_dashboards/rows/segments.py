"""Whether one segment of the applicants is decided differently than before."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About, repeated
from ..panels.promql import observed, reference
from ..panels.tables import stacks

CHOSEN = 'role="segment",signal=~"$segments"'


def panels() -> list[Builder[Panel]]:
    """One panel for each field that segments the decisions."""
    return [_decisions()]


def _decisions() -> Builder[Panel]:
    about = About(
        id=30,
        title="Segments: $segments",
        unit="percentunit",
        width=12,
        runbook="ModelSegmentDrift",
        empty="The model's card names no segments, or no application was decided.",
        description="""
            Shares of the decisions for each category of the field, in the chosen range,
            and beside it the same in the reference. One pair that differs is a segment
            that is decided differently than before: compare its applications with those
            of the others. If all pairs differ, the decisions drift as a whole.
        """,
    )
    cells = f'{CHOSEN},kind="category"'
    now, then = observed(cells, CHOSEN), reference(cells)
    # So that bars of one segment are neighbours when they are sorted by name.
    named = (
        f'label_replace({now}, "bar", "$1", "segment", "(.+)")'
        f' or label_replace({then}, "bar", "$1 (expected)", "segment", "(.+)")'
    )
    shares = f"sum by (bar, category) ({named})"
    return repeated(stacks(about, "bar", "category", shares), "segments", per_row=2)
