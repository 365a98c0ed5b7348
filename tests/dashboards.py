"""The dashboards as Grafana reads them: their panels, and the queries they make."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "grafana" / "dashboards"
BOARDS = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}

# Grafana's variables, as they are when somebody opens the page. Its rate interval is
# four scrapes of a second.
FILLED = {
    "runbook": "http://127.0.0.1:8080/runbook",
    "model": "credit-approval-tree",
    "version": "1.0.0",
    "compare": "1.0.0",
    "window": "30s",
    "__rate_interval": "4s",
}
VARIABLE = re.compile(r"\$\{(\w+)\}|\$([a-z_]\w*)")


@dataclass(frozen=True)
class Query:
    """A query of a panel or an annotation; `instant`, or over a range of time."""

    board: str
    asker: str
    letter: str
    text: str
    legend: str
    instant: bool

    @property
    def filled(self):
        return VARIABLE.sub(lambda found: FILLED[found[1] or found[2]], self.text)

    def __str__(self):
        return f"{self.board}: {self.asker} {self.letter}"


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def _of(name, asker, target, legend):
    instant = target.get("instant", False)
    return Query(name, asker, target["refId"], target["expr"], legend, instant)


PANEL_QUERIES = [
    _of(name, panel["title"], target, target.get("legendFormat", ""))
    for name, board in BOARDS.items()
    for panel in panels(board)
    for target in panel["targets"]
]
ANNOTATION_QUERIES = [
    _of(name, event["name"], event["target"], event["titleFormat"])
    for name, board in BOARDS.items()
    for event in board["annotations"]["list"]
]


def _of_variable(name, variable):
    metric, label = re.fullmatch(
        r"label_values\((.+), (\w+)\)", variable["query"]
    ).groups()
    text = f"count by ({label}) ({metric})"
    return Query(name, variable["name"], "", text, f"{{{{{label}}}}}", True)


VARIABLE_QUERIES = [
    _of_variable(name, variable)
    for name, board in BOARDS.items()
    for variable in board["templating"]["list"]
    if variable["type"] == "query"
]
QUERIES = PANEL_QUERIES + ANNOTATION_QUERIES + VARIABLE_QUERIES


def named(query, labels):
    """What Grafana calls a series with `labels`; raises KeyError for one it lacks."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels[found[1]], query.legend)
