"""What the dashboards have around their panels: rows, links and annotations."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from . import variables
from .common import PROMETHEUS, RUNBOOK, link

# Alerts link to these (prometheus/generate_rules.py).
MODEL_UID, SERVICE_UID = "model", "model-service"


def framed(title: str, uid: str, description: str) -> dashboard.Dashboard:
    """A dashboard without panels, of the last 15 minutes."""
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["model-monitor"])
        .readonly()
        .time("now-15m", "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(variables.source())
        .with_variable(variables.runbook())
        .link(link("Runbook", RUNBOOK))
    )


def with_rows(
    board: dashboard.Dashboard,
    sections: Mapping[str, Sequence[Builder[models.Panel]]],
) -> dashboard.Dashboard:
    """`board` with a row for each of `sections`. The SDK places the panels."""
    # Grafana counts rows as panels, so they need ids of their own.
    for row, (title, panels) in enumerate(sections.items(), start=1000):
        board.with_row(dashboard.Row(title).id(row))
        for panel in panels:
            board.with_panel(panel)
    return board


def link_to(title: str, uid: str) -> dashboard.DashboardLink:
    """A link to the other dashboard, for the same time."""
    other = dashboard.DashboardLink(title).type(models.DashboardLinkType.LINK)
    return other.url(f"/d/{uid}").keep_time(True)


def event(
    name: str, colour: str, expression: str, title: str, text: str = ""
) -> dashboard.AnnotationQuery:
    """An annotation for as long as `expression` is above zero, to the second."""
    query = prometheus.Dataquery().expr(expression).interval("1s").ref_id("Anno")
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .icon_color(colour)
        .datasource(PROMETHEUS)
        .enable(True)
        .target(query.range().datasource(PROMETHEUS))
        .title_format(title)
        .text_format(text)
    )


def alerts(firing: str) -> dashboard.AnnotationQuery:
    """Alerts for as long as they fire. A label that an alert lacks is left out."""
    labels = '"alertname", "signal", "segment", "direction"'
    joined = f'label_join({firing}, "name", " ", {labels})'
    return event("Alerts", "red", joined, "{{name}}", "{{job}}").tag_keys("severity")


def starts() -> dashboard.AnnotationQuery:
    """When a version of the model began to decide: at rollouts and restarts."""
    metric = 'model_counting_start_timestamp_seconds{model="$model",${site:raw}}'
    started = f"1000 * max by (model, model_version) ({metric})"
    query = event("Starts", "blue", started, "{{model}} {{model_version}} starts")
    return query.use_value_for_time(True)


def phases() -> dashboard.AnnotationQuery:
    """When the phases of a simulator began, if one sends the applications."""
    metric = '{__name__=~".+_simulator_phase_start_timestamp_seconds"}'
    started = f"1000 * max by (phase) ({metric})"
    query = event("Simulated phases", "purple", started, "{{phase}} begins")
    return query.use_value_for_time(True)
