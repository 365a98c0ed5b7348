"""The dashboards as a viewer gets them: their variables, their queries, the answers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"
BOARDS = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}
ALL = "$__all"
VARIABLE = re.compile(r"\$\{(\w+)(?::raw)?\}|\$([a-z_]\w*)")
# Four scrapes of a second.
RATE_INTERVAL = "4s"
# How long a time series panel looks back in a capture, in seconds.
WINDOW_SECONDS = 60

Labels = dict[str, str]
Answer = list[dict[str, Any]]


def panels(board):
    """The panels of a dashboard but for its rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board):
    """The variables of a dashboard by their names."""
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def used_variables(text):
    """The names of the variables in a query, a title or a URL."""
    return {found[1] or found[2] for found in VARIABLE.finditer(text)}


def fill(text, values):
    """`text` with the variables replaced by `values`; raises KeyError for another."""
    filled = {"__rate_interval": RATE_INTERVAL, **values}
    return VARIABLE.sub(lambda found: filled[found[1] or found[2]], text)


@dataclass(frozen=True)
class Query:
    """A query of a panel (`asker` is its title) or of an annotation."""

    board: str
    asker: str
    letter: str
    text: str
    legend: str = ""
    instant: bool = False
    format: str = "time_series"

    def __str__(self):
        return f"{self.board}: {self.asker} {self.letter}"


def _query(board, asker, target, legend=""):
    return Query(
        board,
        asker,
        target["refId"],
        target["expr"],
        legend or target.get("legendFormat", ""),
        target.get("instant", False),
        target.get("format", "time_series"),
    )


def queries_of(name, panel):
    """The queries of a panel of the dashboard `name`."""
    return [_query(name, panel["title"], target) for target in panel["targets"]]


PANEL_QUERIES = [
    query
    for name, board in BOARDS.items()
    for panel in panels(board)
    for query in queries_of(name, panel)
]
ANNOTATION_QUERIES = [
    _query(name, event["name"], event["target"], event["titleFormat"])
    for name, board in BOARDS.items()
    for event in board["annotations"]["list"]
]


def variable_query(board, variable):
    """The query that has the values of a variable among its labels, and its label."""
    function, text = re.fullmatch(r"(\w+)\((.+)\)", variable["query"]).groups()
    if function == "label_values":
        metric, label = re.fullmatch(r"(.+), (\w+)", text).groups()
        text = f"count by ({label}) ({metric})"
        pattern = f'{label}="([^"]+)"'
    else:
        pattern = variable["regex"].strip("/")
    return Query(board, variable["name"], "", text, instant=True), pattern


VARIABLE_QUERIES = [
    variable_query(name, variable)[0]
    for name, board in BOARDS.items()
    for variable in board["templating"]["list"]
    if variable["type"] == "query"
]
QUERIES = PANEL_QUERIES + ANNOTATION_QUERIES + VARIABLE_QUERIES


class Prometheus:
    """What a viewer sees at one moment of a system (stack.system.Stack)."""

    def __init__(self, system, at: float) -> None:
        self._system = system
        self.at = at

    def answer(self, query: Query, values: Mapping[str, str]) -> Answer:
        """The result of `query`, with the variables replaced by `values`."""
        text = fill(query.text, values)
        if query.instant:
            return self._system.query(text, at=self.at)
        return self._system.query_range(text, self.at - WINDOW_SECONDS, self.at, 1)


class Viewer:
    """Opens a dashboard: chooses the values of its variables as Grafana does.

    `chosen` are values that the URL has. Of other variables it takes the first value,
    or all if that is the default. `options` are all the values of each.
    """

    def __init__(self, name: str, prometheus: Prometheus, **chosen: str) -> None:
        self.name = name
        self.board = BOARDS[name]
        self._prometheus = prometheus
        self.options: dict[str, list[str]] = {}
        self.values: dict[str, str] = {}
        for variable in self.board["templating"]["list"]:
            self._choose(variable, chosen)

    def _choose(self, variable: Mapping[str, Any], chosen: Mapping[str, str]) -> None:
        name = variable["name"]
        if variable["type"] == "query":
            self.options[name] = self._options_of(variable)
        elif variable["type"] == "custom":
            self.options[name] = variable["query"].split(",")
        else:
            self.options[name] = ["prometheus"]
        first = self.options[name][0] if self.options[name] else ""
        if variable.get("current", {}).get("value") == ALL:
            first = variable.get("allValue") or "|".join(self.options[name])
        self.values[name] = chosen.get(name, first)

    def _options_of(self, variable: Mapping[str, Any]) -> list[str]:
        query, pattern = variable_query(self.name, variable)
        found = []
        for sample in self._prometheus.answer(query, self.values):
            labels = ",".join(f'{k}="{v}"' for k, v in sample["metric"].items())
            if match := re.search(pattern, f"{{{labels}}}"):
                found.append(match[1])
        # 0 keeps the order of the answer, even numbers descend.
        if order := variable["sort"]:
            found.sort(reverse=order % 2 == 0)
        return list(dict.fromkeys(found))

    def captures(self) -> Iterator["Capture"]:
        """Each panel with the answers to its queries; repeated panels several times."""
        for panel in panels(self.board):
            repeat = panel.get("repeat")
            for value in self.options[repeat] or [""] if repeat else [None]:
                yield self._capture(panel, {repeat: value} if repeat else {})

    def _capture(self, panel: Mapping[str, Any], repeated: Labels) -> "Capture":
        values = self.values | repeated
        filled = dict(panel, title=fill(panel["title"], values))
        asked = [
            (query, self._prometheus.answer(query, values))
            for query in queries_of(self.name, panel)
        ]
        return Capture(self.name, self.values.get("model", ""), filled, asked)


@dataclass(frozen=True)
class Capture:
    """A panel of a dashboard, as it is for a model, and the answers to its queries."""

    board: str
    model: str
    panel: Mapping[str, Any]
    asked: Sequence[tuple[Query, Answer]]

    def __str__(self) -> str:
        return f"{self.model or self.board}: {self.panel['title']}"

    @property
    def is_empty(self) -> bool:
        """Whether no query has an answer."""
        return not any(answer for _, answer in self.asked)

    @property
    def reason(self) -> str:
        """What the panel shows in place of an empty panel."""
        return str(self.panel["fieldConfig"]["defaults"].get("noValue", ""))

    def with_panel(self, panel: Mapping[str, Any]) -> "Capture":
        """The same answers for another panel."""
        return Capture(self.board, self.model, panel, self.asked)

    def for_grafana(self) -> dict[str, Any]:
        """The capture as tests/grafana/show.cjs reads it."""
        queries = [
            {
                "refId": query.letter,
                "format": query.format,
                "legend": query.legend,
                "result": answer,
            }
            for query, answer in self.asked
        ]
        return {"panel": self.panel, "queries": queries}


def series_name(query, labels):
    """Grafana's name for a series with `labels`; raises KeyError for one it lacks."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels[found[1]], query.legend)
