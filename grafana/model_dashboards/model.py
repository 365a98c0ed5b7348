"""The dashboard of a model: whether it is all right, and if not, what moved."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import variables
from .panels.frame import (
    MODEL_UID,
    SERVICE_UID,
    alerts,
    framed,
    link_to,
    phases,
    starts,
    with_rows,
)
from .panels.promql import MODEL_ALERTS, MONITOR_ALERTS
from .rows import (
    arrivals,
    distributions,
    glance,
    segments,
    signals,
    statistics,
    versions,
)


def dashboard() -> Dashboard:
    """The dashboard of one version of a model."""
    board = framed(
        "Model",
        MODEL_UID,
        "Is the model all right? If not, what moved, how far, and since when?",
    )
    for variable in (
        variables.model(),
        variables.version(),
        variables.site(),
        variables.time_range(),
        variables.signal(),
        variables.compare(),
        variables.segments(),
    ):
        board.with_variable(variable)
    board.annotation(alerts(f"({MODEL_ALERTS} or {MONITOR_ALERTS})"))
    board.annotation(starts())
    board.annotation(phases())
    board.link(link_to("Services and monitor", SERVICE_UID))
    return with_rows(
        board,
        {
            "Is the model all right?": glance.panels(),
            "What moved, and since when?": signals.panels(),
            "Where did it move to?": distributions.panels(),
            "Is a segment decided differently?": segments.panels(),
            "What arrives?": arrivals.panels(),
            "How far is it from the reference, over hours and days?": (
                statistics.panels()
            ),
            "What is different between two versions?": versions.panels(),
        },
    )
