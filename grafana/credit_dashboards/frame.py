"""What the two dashboards have around their panels."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from .panels import PROMETHEUS, RUNBOOK, link

MODEL_UID, SERVICE_UID = "credit-model", "credit-service"


def framed(title: str, uid: str, description: str) -> dashboard.Dashboard:
    """A dashboard without panels, of the last five minutes."""
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["credit-monitor"])
        .readonly()
        .time("now-5m", "now")
        .refresh("5s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label("Data source")
            .type("prometheus")
        )
        .with_variable(runbook_address())
    )


def with_rows(
    board: dashboard.Dashboard,
    sections: Mapping[str, Sequence[Builder[models.Panel]]],
) -> dashboard.Dashboard:
    """`board`, with a row for each of `sections`; the SDK lays the panels out."""
    # A row is a panel to Grafana, and wants an id that no panel has.
    for row, (title, panels) in enumerate(sections.items(), start=1000):
        board.with_row(dashboard.Row(title).id(row))
        for panel in panels:
            board.with_panel(panel)
    return board


def beside(title: str, uid: str) -> dashboard.DashboardLink:
    """A link to the other dashboard, about the same time."""
    other = dashboard.DashboardLink(title).type(models.DashboardLinkType.LINK)
    return other.url(f"/d/{uid}").keep_time(True)


def runbook() -> dashboard.DashboardLink:
    """A link to what to do about each alert."""
    return link("Runbook", RUNBOOK)


def runbook_address() -> dashboard.QueryVariable:
    """Where a browser finds the runbook, which only Prometheus' configuration knows.

    The watchdog has it as a label, because files of dashboards read no environment.
    """
    address = of_label(
        "runbook",
        "Runbook",
        'ALERTS{alertname="Watchdog"}',
        "runbook_url",
        models.VariableSort.DISABLED,
    )
    return address.hide(models.VariableHide.HIDE_VARIABLE)


def of_label(
    name: str, title: str, metric: str, label: str, order: models.VariableSort
) -> dashboard.QueryVariable:
    """A variable whose values are those of a label of `metric`."""
    query = f"label_values({metric}, {label})"
    return (
        dashboard.QueryVariable(name)
        .label(title)
        .datasource(PROMETHEUS)
        .query(query)
        .definition(query)
        .sort(order)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def choice(name: str, title: str, values: str, first: str) -> dashboard.CustomVariable:
    """A variable with a fixed list of values, separated by commas."""
    current = models.VariableOption(selected=True, text=first, value=first)
    return dashboard.CustomVariable(name).label(title).values(values).current(current)


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
    """What fires, for as long as it does. A label that an alert lacks is left out."""
    named = f'label_join({firing}, "what", " ", "alertname", "signal")'
    return event("Alerts", "red", named, "{{what}}", "{{job}}").tag_keys("severity")


def phases() -> dashboard.AnnotationQuery:
    """When each phase of the simulator began, the truth; the value says when, in ms."""
    started = "max by (phase) (loan_simulator_phase_start_timestamp_seconds) * 1000"
    query = event("Simulated phases (the truth)", "purple", started, "{{phase}} begins")
    return query.use_value_for_time(True)
