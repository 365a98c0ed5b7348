"""What is wrong with a panel, given what Grafana shows for its answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.grafana.dashboards import Capture

Shown = Mapping[str, Any]


def problems(capture: Capture, shown: Shown) -> Iterator[str]:
    """A sentence for each fault. There is none if the panel is as it should be."""
    yield from (f"Grafana has no {name}" for name in shown["unknown"])
    if capture.is_empty:
        return
    yield from _overrides(capture, shown)
    kind = capture.panel["type"]
    if kind in ("table", "barchart"):
        yield from _rows(capture, shown)
    if kind == "table":
        yield from _columns(capture, shown)
    if kind == "barchart":
        yield from _bars(capture, shown)
    if kind == "timeseries":
        yield from _names([frame[1]["name"] for frame in shown["frames"] if frame])
    if kind in ("stat", "bargauge"):
        yield from _names([figure["title"] for figure in shown["displayed"]])


def _answered(capture: Capture) -> set[str]:
    """The letters of the queries with an answer."""
    return {query.letter for query, answer in capture.asked if answer}


def _unanswered(capture: Capture) -> set[str]:
    """The others, and the names of their values."""
    letters = {query.letter for query, answer in capture.asked if not answer}
    return letters | {f"Value #{letter}" for letter in letters}


def _fields(capture: Capture) -> set[str]:
    """What columns can be made of: labels, and the values of queries by their letters.

    The values of a single query have no letter.
    """
    labels = {
        label
        for _, answer in capture.asked
        for sample in answer
        for label in sample["metric"]
    }
    return labels | _answered(capture) | {"Value"}


def _overrides(capture: Capture, shown: Shown) -> Iterator[str]:
    overrides = capture.panel["fieldConfig"]["overrides"]
    absent = _unanswered(capture) | _absent_columns(capture)
    for override, fields in zip(overrides, shown["matches"], strict=True):
        name = override["matcher"]["options"]
        if not fields and name not in absent:
            yield f"the override of {name} applies to nothing"
        if override["matcher"]["id"] == "byName" and fields > 1:
            yield f"the override of {name} applies to {fields} fields"


def _rows(capture: Capture, shown: Shown) -> Iterator[str]:
    if len(shown["frames"]) != 1:
        yield f"{len(shown['frames'])} frames"
        return
    [frame] = shown["frames"]
    rows = {len(field["values"]) for field in frame}
    ids = {t["id"]: t["options"] for t in capture.panel["transformations"]}
    answer = capture.asked[0][1]
    if "groupingToMatrix" in ids:
        label = ids["groupingToMatrix"]["rowField"]
        expected = len({sample["metric"].get(label) for sample in answer})
    else:
        expected = len(answer)
    if rows != {expected}:
        yield f"{sorted(rows)} rows in place of {expected}"
    reason = capture.reason
    for field in frame:
        if reason and reason in field["texts"]:
            yield f"{field['name']} has the text for an empty panel in a cell"
        if "NaN" in field["texts"]:
            yield f"{field['name']} has a cell that is no number"


def _columns_by_title(capture: Capture) -> dict[str, str]:
    """The columns of a table in their order: the field that each is made of."""
    for transformation in capture.panel.get("transformations", []):
        if transformation["id"] == "organize":
            titles = transformation["options"]["renameByName"]
            order = transformation["options"]["indexByName"]
            return {titles[name]: name for name in sorted(order, key=order.get)}
    return {}


def _absent_columns(capture: Capture) -> set[str]:
    """Titles of columns without a field: labels that no series has."""
    there = _fields(capture)
    columns = _columns_by_title(capture).items()
    return {title for title, name in columns if name.split("#")[-1] not in there}


def _columns(capture: Capture, shown: Shown) -> Iterator[str]:
    absent = _absent_columns(capture)
    expected = [title for title in _columns_by_title(capture) if title not in absent]
    for frame in shown["frames"]:
        titles = [field["name"] for field in frame]
        if titles != expected:
            yield f"the columns {titles} in place of {expected}"


def _bars(capture: Capture, shown: Shown) -> Iterator[str]:
    name = capture.panel["options"]["xField"]
    for frame in shown["frames"]:
        axis = [field for field in frame if field["name"] == name]
        if not axis or axis[0]["type"] != "string":
            yield f"there is no axis {name}"
            return
        labels = axis[0]["values"]
        if len(set(labels)) != len(labels):
            yield f"a bar is there twice: {labels}"
        series = [field for field in frame if field is not axis[0]]
        yield from _series(capture, series)


def _series(capture: Capture, series: list[Shown]) -> Iterator[str]:
    for field in series:
        if field["type"] != "number":
            yield f"{field['name']} is drawn, and is no number"
    if "groupingToMatrix" in str(capture.panel["transformations"]):
        return
    if len(series) != len(_answered(capture)):
        yield f"{len(series)} series for {len(_answered(capture))} answers"
    yield from (f"{f['name']} lacks a bar" for f in series if None in f["values"])


def _names(names: list[str]) -> Iterator[str]:
    if not all(names):
        yield "a series has no name"
    if len(set(names)) != len(names):
        yield f"two series have one name: {sorted(names)}"
