"""What arrives: how much, and what of it is refused, unusual or missing."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.promql import CELL, VERSION, observed, reference, tolerated_most
from ..panels.series import line, lines
from ..panels.tables import Column, listing

OUTSIDE = 'role=~"validity|range"'


def panels() -> list[Builder[Panel]]:
    """The row from left to right."""
    return [_traffic(), _outside(), _refused()]


def _traffic() -> Builder[Panel]:
    about = About(
        id=40,
        title="Applications in the last $range",
        unit="short",
        width=8,
        runbook="ModelServiceIdle",
        empty="The service exports no cells of this model.",
        description="""
            Applications that are decided and refused, in the chosen range. If none
            arrives, no drift is detected: send an application of your own, from where
            the others come. Fewer than usual make detection slower.
        """,
    )
    decided = f'model_cells_total{{role="decision",kind="all",{VERSION}}}'
    refused = f'model_cells_total{{role="validity",category="refused",{VERSION}}}'
    return lines(
        about,
        line(f"sum(increase({decided}[$range]))", "decided", "blue"),
        line(f"sum(increase({refused}[$range]))", "refused", "orange"),
    )


def _outside() -> Builder[Panel]:
    about = About(
        id=41,
        title="Refused, unusual and missing values",
        unit="percentunit",
        width=10,
        runbook="ModelUnusualInput",
        empty="No application arrived in this range: choose a longer one.",
        description="""
            Shares in the chosen range of applications that are refused, and of values
            that are below, above or missing from the usual range. Rows above what is
            tolerated are first, and red. A rise is a form or a channel that changed:
            check the unit of the field at its source.
        """,
    )
    cells = f'{OUTSIDE},kind="category",category!~"valid|usual"'
    now, most = observed(cells, OUTSIDE), tolerated_most(cells, OUTSIDE)
    excess = f"clamp_min({now} - on ({CELL}) {most}, 0)"
    return listing(
        about,
        "what",
        [
            f"sort_desc({_what(excess)})",
            _what(now),
            _what(reference(cells)),
            _what(most),
        ],
        {
            "what": Column("what"),
            "Value #B": Column("observed"),
            "Value #C": Column("expected"),
            "Value #D": Column("tolerated to"),
            "Value #A": Column(
                "above that by", colours=((None, "text"), (1e-9, "red"))
            ),
        },
    )


def _what(cells: str) -> str:
    """`cells` with a label `what`: refused, or a field and where its value is."""
    joined = f'label_join({cells}, "what", " ", "signal", "category")'
    field = f'label_replace({joined}, "what", "$1 $2", "what", "(.+)_range (.+)")'
    return f'label_replace({field}, "what", "$1", "what", "validity (.+)")'


def _refused() -> Builder[Panel]:
    about = About(
        id=42,
        title="Why applications are refused",
        unit="short",
        width=6,
        runbook="ModelInvalidInput",
        empty="No application was refused in this range.",
        description="""
            Refused applications of the chosen range, by the field that was found wrong
            first, and by the reason. One field with many is a form that changed: show
            its owner the field and the reason.
        """,
    )
    counter = f'{{__name__=~".+_refused_applications_total",{VERSION}}}'
    refused = f"sum by (field, reason) (increase({counter}[$range])) > 0"
    return listing(
        about,
        "field",
        [f"sort_desc({refused})"],
        {
            "field": Column("field"),
            "reason": Column("reason"),
            "Value": Column("applications", "locale", decimals=0),
        },
    )
