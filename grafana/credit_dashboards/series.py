"""Panels that are made of series: lines, figures, a ranking, a heatmap."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from .panels import About, described

# What is only there to be compared with: lines that end in one of these are dashed.
MARKS = "/(expected|threshold|release|objective|limit)$/"


def line(expression: str, legend: str) -> prometheus.Dataquery:
    """A query for a line; `legend` names labels as {{label}}."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).range()


def now(expression: str, legend: str) -> prometheus.Dataquery:
    """A query for the last value only."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).instant()


def legend() -> common.VizLegendOptions:
    """Names below the panel, in a row."""
    return (
        common.VizLegendOptions()
        .display_mode(styles.LegendDisplayMode.LIST)
        .placement(styles.LegendPlacement.BOTTOM)
        .show_legend(True)
    )


def fixed(colour: str) -> models.DynamicConfigValue:
    """The override that gives a field one colour."""
    return models.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})


def lines(
    about: About,
    *queries: prometheus.Dataquery,
    colours: Mapping[str, str] | None = None,
) -> timeseries.Panel:
    """Values over time; `colours` by the end of a line's name."""
    panel = (
        timeseries.Panel()
        .show_points(styles.VisibilityMode.NEVER)
        .line_width(2)
        .axis_soft_min(0)
        .legend(legend())
        .tooltip(
            common.VizTooltipOptions()
            .mode(styles.TooltipDisplayMode.MULTI)
            .sort(styles.SortOrder.DESCENDING)
        )
    )
    dashed = {"fill": "dash", "dash": [8, 8]}
    panel.override_by_regexp(
        MARKS,
        [
            models.DynamicConfigValue("custom.lineStyle", dashed),
            models.DynamicConfigValue("custom.lineWidth", 1),
        ],
    )
    for name, colour in {"threshold": "red", "limit": "red", **(colours or {})}.items():
        panel.override_by_regexp(f"/^(.* )?{name}( expected)?$/", [fixed(colour)])
    return described(panel, about, queries)


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
    """Single figures, on a background that says whether they are good."""
    panel = (
        stat.Panel()
        .color_mode(styles.BigValueColorMode.BACKGROUND)
        .graph_mode(styles.BigValueGraphMode.NONE)
        .thresholds(thresholds)
    )
    return described(panel, about, queries)


def ranking(
    about: About, thresholds: dashboard.ThresholdsConfig, query: prometheus.Dataquery
) -> bargauge.Panel:
    """A bar for each series, in the order in which the query returns them, up to 1."""
    panel = (
        bargauge.Panel()
        .orientation(styles.VizOrientation.HORIZONTAL)
        .display_mode(styles.BarGaugeDisplayMode.BASIC)
        .min(0)
        .max(1)
        .thresholds(thresholds)
    )
    return described(panel, about, [query])


def heat(about: About, buckets: str) -> heatmap.Panel:
    """A histogram over time, from cumulative `buckets` by the label le."""
    query = line(buckets, "{{le}}").format(PromQueryFormat.HEATMAP)
    colour = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME)
    panel = heatmap.Panel().color(colour.scheme("Blues").steps(64)).calculate(False)
    return described(panel, about, [query])
