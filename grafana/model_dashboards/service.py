"""The dashboard of the services and the monitor."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import variables
from .panels.frame import (
    MODEL_UID,
    SERVICE_UID,
    alerts,
    framed,
    link_to,
    phases,
    with_rows,
)
from .panels.promql import SERVICE_ALERTS
from .rows import delivery, monitor, services


def dashboard() -> Dashboard:
    """The dashboard of all model services, and of the monitor."""
    board = framed(
        "Model services and monitor",
        SERVICE_UID,
        "Do the services that decide answer in time, and does their monitor work?",
    )
    board.with_variable(variables.site("model:model_applications:increase"))
    board.annotation(alerts(SERVICE_ALERTS))
    board.annotation(phases())
    board.link(link_to("Model", MODEL_UID))
    return with_rows(
        board,
        {
            "Do the services answer?": services.panels(),
            "Are rules evaluated in time?": monitor.panels(),
            "Are alerts delivered?": delivery.panels(),
        },
    )
