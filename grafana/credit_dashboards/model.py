"""Whether the model is all right, and if not, what moved."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard
from grafana_foundation_sdk.models.dashboard import VariableSort

from . import applications, distributions, drift, glance, versions
from .frame import (
    MODEL_UID,
    SERVICE_UID,
    alerts,
    beside,
    choice,
    event,
    framed,
    of_label,
    phases,
    runbook,
    with_rows,
)
from .promql import FIRING

OF_MODEL = 'credit_model_info{model="$model"}'


def built() -> Dashboard:
    """The dashboard of one version of a model."""
    board = framed(
        "Credit model",
        MODEL_UID,
        "Is the model all right? If not: what moved, since when, and how sure is that?",
    )
    up, down = VariableSort.NATURAL_ASC, VariableSort.NATURAL_DESC
    board.with_variable(of_label("model", "Model", "credit_model_info", "model", up))
    board.with_variable(of_label("version", "Version", OF_MODEL, "model_version", down))
    board.with_variable(
        of_label("compare", "Compare with", OF_MODEL, "model_version", up)
    )
    board.with_variable(choice("window", "Window", "10s,30s,2m,5m,1h", "30s"))
    board.annotation(alerts(FIRING))
    board.annotation(_new_versions())
    board.annotation(phases())
    board.link(beside("Service and monitor", SERVICE_UID)).link(runbook())
    return with_rows(
        board,
        {
            "Is the model all right now?": glance.panels(),
            "What moved, and when?": drift.panels(),
            "Where did it move to?": distributions.panels(),
            "Who is approved, and what arrives?": applications.panels(),
            "Two versions side by side": versions.panels(),
        },
    )


def _new_versions() -> AnnotationQuery:
    """A version that was not there a quarter of a minute ago."""
    there = f"count by (model, model_version) ({OF_MODEL}"
    return event(
        "New versions",
        "blue",
        f"{there}) unless {there} offset 15s)",
        "{{model}} {{model_version}}",
        "began to decide",
    )
