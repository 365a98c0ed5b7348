"""Whether the analyzer answers, and whether anybody would notice if it did not."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from . import analyzer, delivery, monitor
from .frame import (
    MODEL_UID,
    SERVICE_UID,
    alerts,
    beside,
    framed,
    phases,
    runbook,
    with_rows,
)

FIRING = 'ALERTS{alertstate="firing",severity!="info"}'


def built() -> Dashboard:
    """The dashboard of the service and of the monitor."""
    board = framed(
        "Credit service and monitor",
        SERVICE_UID,
        "Does the analyzer answer, in time, and does the monitor that watches it work?",
    )
    board.annotation(alerts(FIRING))
    board.annotation(phases())
    board.link(beside("Model", MODEL_UID)).link(runbook())
    return with_rows(
        board,
        {
            "The analyzer": analyzer.panels(),
            "Does the monitor see, and judge in time?": monitor.panels(),
            "Does it tell?": delivery.panels(),
        },
    )
