"""What every panel has."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models

# The variable that says which Prometheus is asked.
PROMETHEUS = styles.DataSourceRef("prometheus", "${datasource}")
# The variable with the address of the runbook in a browser (frame.py).
RUNBOOK = "${runbook:raw}"


@dataclass(frozen=True, slots=True)
class About:
    """What every panel has.

    Alerts link to `id`, so it never changes. `width` is in 24ths of the page, `height`
    in rows of the grid; `runbook` names the alert whose section helps.
    """

    id: int
    title: str
    unit: str
    description: str
    width: int
    height: int = 8
    runbook: str = ""


class _Panel(Protocol):
    """What the SDK's panel builders have in common."""

    def id(self, id_val: int, /) -> Self: ...
    def title(self, title: str, /) -> Self: ...
    def description(self, description: str, /) -> Self: ...
    def unit(self, unit: str, /) -> Self: ...
    def span(self, w: int, /) -> Self: ...
    def height(self, h: int, /) -> Self: ...
    def datasource(self, datasource: styles.DataSourceRef, /) -> Self: ...
    def links(self, links: list[Builder[models.DashboardLink]], /) -> Self: ...
    def targets(self, targets: list[Builder[Dataquery]], /) -> Self: ...


P = TypeVar("P", bound=_Panel)


def described(panel: P, about: About, queries: Iterable[prometheus.Dataquery]) -> P:
    """`panel`, with everything that every panel has, and `queries` named A, B, ..."""
    named: list[Builder[Dataquery]] = [
        query.ref_id(letter).datasource(PROMETHEUS)
        for letter, query in zip(ascii_uppercase, queries, strict=False)
    ]
    runbook = link("What to do (runbook)", f"{RUNBOOK}#{about.runbook.lower()}")
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


def link(title: str, url: str) -> dashboard.DashboardLink:
    """A link that opens beside the dashboard."""
    kind = models.DashboardLinkType.LINK
    return dashboard.DashboardLink(title).type(kind).url(url).target_blank(True)
