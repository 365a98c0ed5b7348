"""Faults that are planted into panels are found: the check can fail."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from tests.grafana import library
from tests.grafana.dashboards import BOARDS, Answer, Capture, panels, queries_of
from tests.grafana.problems import problems

Panel = dict[str, Any]
SIGNALS, DECISIONS, BARS, SEGMENTS = 12, 10, 20, 30


def vector(label: str, values: Mapping[str, float], **others: str) -> Answer:
    """An instant vector with a series for each value of a label."""
    return [
        {"metric": {label: name, **others}, "value": [1_700_000_000, str(value)]}
        for name, value in values.items()
    ]


def matrix(label: str, values: Mapping[str, float]) -> Answer:
    """The same over time."""
    return [
        {"metric": series["metric"], "values": [series["value"]]}
        for series in vector(label, values)
    ]


MIX = {"YES": 0.8, "NO": 0.2}
ANSWERS: Mapping[int, list[Answer]] = {
    SIGNALS: [
        vector("name", {"decision": 1.2, "age": 1e-6}),
        vector("name", {"decision": 0.8}, cell="YES")
        + vector("name", {"age": 0.3}, cell="at most 30 years"),
        vector("name", {"decision": 0.5, "age": 0.31}),
        vector("name", {"decision": 0.01, "age": 0.02}),
        vector("name", {"decision": 600, "age": 600}),
        vector("name", {"decision": 1.7e12}),
    ],
    DECISIONS: [matrix("category", MIX)] * 3,
    BARS: [vector("category", MIX)] * 4,
    SEGMENTS: [
        vector("category", MIX, bar="rent") + vector("category", MIX, bar="own")
    ],
}


def captured(panel_id: int) -> Capture:
    """A panel of the model's dashboard, with answers made by hand."""
    [panel] = [p for p in panels(BOARDS["model"]) if p["id"] == panel_id]
    asked = list(zip(queries_of("model", panel), ANSWERS[panel_id], strict=True))
    return Capture("model", "any", deepcopy(panel), asked)


def wrong_join(panel: Panel) -> None:
    panel["transformations"][0]["options"]["byField"] = "signal"


def renamed_column(panel: Panel) -> None:
    titles = panel["transformations"][-1]["options"]["renameByName"]
    titles["budget"] = titles.pop("Value #A")
    panel["transformations"][-1]["options"]["indexByName"]["budget"] = 1
    del panel["transformations"][-1]["options"]["indexByName"]["Value #A"]


def unknown_unit(panel: Panel) -> None:
    panel["fieldConfig"]["defaults"]["unit"] = "percents"


def unknown_property(panel: Panel) -> None:
    panel["fieldConfig"]["overrides"][-1]["properties"][0]["id"] = "custom.cell"


def override_of_nothing(panel: Panel) -> None:
    panel["fieldConfig"]["overrides"][-1]["matcher"]["options"] = "observation"


def reason_in_empty_cells(panel: Panel) -> None:
    del panel["fieldConfig"]["overrides"][0]


def no_axis(panel: Panel) -> None:
    panel["options"]["xField"] = "categories"


def lost_series(panel: Panel) -> None:
    panel["transformations"][-1]["options"]["include"]["names"].remove("Value #D")


def lost_rows(panel: Panel) -> None:
    panel["transformations"][0]["options"]["byField"] = "categories"


def style_of_another_query(panel: Panel) -> None:
    panel["fieldConfig"]["overrides"][0]["matcher"]["options"] = "Z"


def one_name_for_all(panel: Panel) -> None:
    called = {"id": "displayName", "value": "share"}
    panel["fieldConfig"]["overrides"][0]["properties"].append(called)


def wrong_matrix(panel: Panel) -> None:
    panel["transformations"][1]["options"]["columnField"] = "segment"


PLANTED = [
    (SIGNALS, wrong_join, "0 frames"),
    (SIGNALS, renamed_column, "the columns"),
    (SIGNALS, unknown_unit, "Grafana has no percents"),
    (SIGNALS, unknown_property, "Grafana has no custom.cell"),
    (SIGNALS, reason_in_empty_cells, "the text for an empty panel"),
    (SIGNALS, override_of_nothing, "applies to nothing"),
    (BARS, override_of_nothing, "applies to nothing"),
    (BARS, no_axis, "there is no axis categories"),
    (BARS, lost_series, "3 series for 4 answers"),
    (BARS, lost_rows, "frames"),
    (DECISIONS, style_of_another_query, "the override of Z applies to nothing"),
    (DECISIONS, one_name_for_all, "two series have one name"),
    (SEGMENTS, wrong_matrix, "there is no axis"),
]


@pytest.fixture(scope="module")
def modules():
    try:
        return library.find()
    except library.LibraryMissing as missing:
        pytest.skip(str(missing))


def found_in(captures, modules):
    shown = library.show(captures, modules)
    return [list(problems(c, s)) for c, s in zip(captures, shown, strict=True)]


def test_panels_as_they_are_have_no_problem(modules):
    assert found_in([captured(panel) for panel in ANSWERS], modules) == [[]] * 4


@pytest.fixture(scope="module")
def found(modules):
    """What is found in the panel of each planted fault."""
    faulty = []
    for panel, plant, _ in PLANTED:
        capture = captured(panel)
        plant(capture.panel)
        faulty.append(capture)
    return found_in(faulty, modules)


@pytest.mark.parametrize(
    "number", range(len(PLANTED)), ids=[plant.__name__ for _, plant, _ in PLANTED]
)
def test_a_planted_fault_is_found(found, number):
    _, _, sentence = PLANTED[number]
    assert any(sentence in problem for problem in found[number]), found[number]


def test_a_program_that_is_missing_is_named_as_the_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(library.LibraryMissing, match="npm is not installed"):
        library.find(tmp_path)


@pytest.mark.slow
def test_a_registry_that_cannot_be_reached_is_named_as_the_reason(
    monkeypatch, tmp_path, modules
):
    # Nothing listens on the port of a reserved service.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(library.LibraryMissing, match="npm cannot reach its registry"):
        library.find(tmp_path)
    assert list(tmp_path.glob("*/node_modules")) == []
