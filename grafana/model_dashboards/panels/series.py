"""Panels that are made of series: lines, single figures, a ranking."""

from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models

from .common import About, described


@dataclass(frozen=True, slots=True)
class Line:
    """The lines of a query; `legend` refers to labels as {{label}}.

    Lines that are `dashed` are there to compare the others with. The edges of what is
    tolerated are dashed and have no place in the legend. Without a `colour` each line
    has its own.
    """

    expression: str
    legend: str
    colour: str = ""
    dashed: bool = False
    edge: bool = False

    def query(self) -> prometheus.Dataquery:
        """The query of Grafana."""
        query = prometheus.Dataquery().expr(self.expression).range()
        return query.legend_format(self.legend)

    def overrides(self) -> list[models.DynamicConfigValue]:
        """What differs from the panel's defaults."""
        found = [fixed(self.colour)] if self.colour else []
        if self.dashed or self.edge:
            style = {"fill": "dash", "dash": [8, 8]}
            found.append(models.DynamicConfigValue("custom.lineStyle", style))
            found.append(models.DynamicConfigValue("custom.lineWidth", 1))
        if self.edge:
            hidden = {"legend": True, "tooltip": False, "viz": False}
            found.append(models.DynamicConfigValue("custom.hideFrom", hidden))
        return found


def line(expression: str, legend: str, colour: str = "") -> Line:
    """Lines of what is measured."""
    return Line(expression, legend, colour)


def limit(expression: str, legend: str, colour: str = "red") -> Line:
    """A line to compare the others with."""
    return Line(expression, legend, colour, dashed=True)


def edge(expression: str, legend: str) -> Line:
    """Edges of what is tolerated."""
    return Line(expression, legend, "text", edge=True)


def now(expression: str, legend: str) -> prometheus.Dataquery:
    """A query for the latest values."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).instant()


def legend() -> common.VizLegendOptions:
    """Names below the panel."""
    return (
        common.VizLegendOptions()
        .display_mode(styles.LegendDisplayMode.LIST)
        .placement(styles.LegendPlacement.BOTTOM)
        .show_legend(True)
    )


def ranked_legend() -> common.VizLegendOptions:
    """Names beside the panel, in the order of their latest values."""
    return (
        common.VizLegendOptions()
        .display_mode(styles.LegendDisplayMode.TABLE)
        .placement(styles.LegendPlacement.RIGHT)
        .show_legend(True)
        .calcs(["lastNotNull"])
        .sort_by("Last *")
        .sort_desc(True)
    )


def fixed(colour: str) -> models.DynamicConfigValue:
    """The override that sets a colour."""
    return models.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})


def own_colours() -> dashboard.FieldColor:
    """A colour for each series, by its place among the series of the panel."""
    return dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC)


def lines(about: About, *shown: Line) -> timeseries.Panel:
    """Values over time."""
    panel = (
        timeseries.Panel()
        .show_points(styles.VisibilityMode.NEVER)
        .line_width(2)
        .axis_soft_min(0)
        .color_scheme(own_colours())
        .legend(legend())
        .tooltip(
            common.VizTooltipOptions()
            .mode(styles.TooltipDisplayMode.MULTI)
            .sort(styles.SortOrder.DESCENDING)
        )
    )
    for letter, one in zip(ascii_uppercase, shown, strict=False):
        if overrides := one.overrides():
            panel.override_by_query(letter, overrides)
    return described(panel, about, [one.query() for one in shown])


def steps(*steps: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    """Colours from a value on; the first value is None, minus infinity."""
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value, colour) for value, colour in steps])
    )


def number(
    about: About, thresholds: dashboard.ThresholdsConfig, *queries: prometheus.Dataquery
) -> stat.Panel:
    """Single figures, on the colour of their threshold."""
    panel = (
        stat.Panel()
        .color_mode(styles.BigValueColorMode.BACKGROUND)
        .graph_mode(styles.BigValueGraphMode.NONE)
        .text_mode(styles.BigValueTextMode.VALUE_AND_NAME)
        .thresholds(thresholds)
    )
    return described(panel, about, queries)


def ranking(
    about: About, thresholds: dashboard.ThresholdsConfig, query: prometheus.Dataquery
) -> bargauge.Panel:
    """A bar for each series, in the order in which the query returns them."""
    panel = (
        bargauge.Panel()
        .orientation(styles.VizOrientation.HORIZONTAL)
        .display_mode(styles.BarGaugeDisplayMode.BASIC)
        .min(0)
        .thresholds(thresholds)
    )
    return described(panel, about, [query])
