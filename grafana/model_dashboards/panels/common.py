"""What all panels have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models

# The variable that chooses the Prometheus.
PROMETHEUS = styles.DataSourceRef("prometheus", "${datasource}")
# The variable with the address of the runbook (variables.py).
RUNBOOK = "${runbook:raw}"


@dataclass(frozen=True, slots=True)
class About:
    """The properties of a panel that every kind of panel has.

    `id` is part of the panel's URL, so it never changes. `width` is in 24ths of the
    page, `height` in rows of the grid. `runbook` is the alert whose section of the
    runbook helps. `empty` is shown in place of an empty panel, and has to give the
    reason.
    """

    id: int
    title: str
    unit: str
    description: str
    width: int
    height: int = 8
    runbook: str = ""
    empty: str = ""


class _Panel(Protocol):
    """The methods that the SDK's builders of panels have in common."""

    def id(self, id_val: int, /) -> Self: ...
    def title(self, title: str, /) -> Self: ...
    def description(self, description: str, /) -> Self: ...
    def unit(self, unit: str, /) -> Self: ...
    def span(self, w: int, /) -> Self: ...
    def height(self, h: int, /) -> Self: ...
    def datasource(self, datasource: styles.DataSourceRef, /) -> Self: ...
    def links(self, links: list[Builder[models.DashboardLink]], /) -> Self: ...
    def targets(self, targets: list[Builder[Dataquery]], /) -> Self: ...
    def no_value(self, no_value: str, /) -> Self: ...
    def repeat(self, repeat: str, /) -> Self: ...
    def repeat_direction(self, direction: Literal["h", "v"], /) -> Self: ...
    def max_per_row(self, max_per_row: float, /) -> Self: ...


P = TypeVar("P", bound=_Panel)


def described(panel: P, about: About, queries: Iterable[prometheus.Dataquery]) -> P:
    """`panel` with the properties of `about`, and with `queries` named A, B, ..."""
    named: list[Builder[Dataquery]] = [
        query.ref_id(letter).datasource(PROMETHEUS)
        for letter, query in zip(ascii_uppercase, queries, strict=False)
    ]
    runbook = link("What to do (runbook)", f"{RUNBOOK}#{about.runbook.lower()}")
    if about.empty:
        panel.no_value(about.empty)
    return (
        panel.id(about.id)
        .title(about.title)
        .description(" ".join(about.description.split()))
        .unit(about.unit)
        .span(about.width)
        .height(about.height)
        .datasource(PROMETHEUS)
        .links([runbook] if about.runbook else [])
        .targets(named)
    )


def repeated(panel: P, variable: str, per_row: int) -> P:
    """`panel` once for each value of `variable`, `per_row` of them side by side."""
    return panel.repeat(variable).repeat_direction("h").max_per_row(per_row)


def link(title: str, url: str) -> dashboard.DashboardLink:
    """A link that opens in a new tab."""
    kind = models.DashboardLinkType.LINK
    return dashboard.DashboardLink(title).type(kind).url(url).target_blank(True)
