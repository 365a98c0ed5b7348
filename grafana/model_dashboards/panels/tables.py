"""Panels that are made of rows: tables, and bars side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import barchart, prometheus, table
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from .common import About, described
from .series import fixed, legend, own_colours

# Bars without a colour of their own are outlines: the edges of what is tolerated.
COLOURS = {"observed": "blue", "expected": "text", "compared": "purple"}
# Longer labels of bars are cut.
LABEL_LENGTH = 16
# In an empty cell of a table.
NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, its unit, and how its cells are drawn.

    `colours` are (value, colour) from which value on a cell has which colour; the first
    value is None. `gauge` is the value of a full bar, for cells that are drawn as bars.
    `texts` replace values: (value, text, colour). `below` is a limit and the text that
    replaces smaller values, `above` one for larger values.
    """

    title: str
    unit: str = ""
    colours: tuple[tuple[float | None, str], ...] = ()
    gauge: float | None = None
    texts: tuple[tuple[str, str, str], ...] = ()
    decimals: int | None = None
    below: tuple[float, str] | None = None
    above: tuple[float, str] | None = None

    def overrides(self) -> list[DynamicConfigValue]:
        """What differs from the panel's defaults."""
        found = []
        if self.unit:
            found.append(DynamicConfigValue("unit", self.unit))
        if self.decimals is not None:
            found.append(DynamicConfigValue("decimals", self.decimals))
        if self.colours:
            steps = [
                {"value": value, "color": colour} for value, colour in self.colours
            ]
            thresholds = {"mode": "absolute", "steps": steps}
            found.append(DynamicConfigValue("thresholds", thresholds))
        if mappings := self._mappings():
            found.append(DynamicConfigValue("mappings", mappings))
        return found + self._cell()

    def _mappings(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        if self.texts:
            options = {v: {"text": text, "color": c} for v, text, c in self.texts}
            found.append({"type": "value", "options": options})
        if self.below:
            limit, text = self.below
            found.append(_mapping(None, limit, text))
        if self.above:
            limit, text = self.above
            found.append(_mapping(limit, None, text))
        return found

    def _cell(self) -> list[DynamicConfigValue]:
        if self.gauge is not None:
            bar = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
            return [
                DynamicConfigValue("min", 0),
                DynamicConfigValue("max", self.gauge),
                DynamicConfigValue("custom.cellOptions", bar),
            ]
        if self.colours or self.texts:
            return [DynamicConfigValue("custom.cellOptions", {"type": "color-text"})]
        return []


def _mapping(low: float | None, high: float | None, text: str) -> dict[str, object]:
    """The text that replaces values between two limits; the colour stays."""
    bounds = {"from": low, "to": high, "result": {"text": text}}
    return {"type": "range", "options": bounds}


def rows(expression: str) -> prometheus.Dataquery:
    """A query for rows: a column for each label, and one for the value."""
    query = prometheus.Dataquery().expr(expression).instant()
    return query.format(PromQueryFormat.TABLE)


def bars(about: About, name: str, columns: Mapping[str, str]) -> barchart.Panel:
    """For each value of the label `name`, a bar for each of `columns`, side by side.

    `columns` are expressions by what they are called; the first one decides which bars
    there are, and their order. If it has a label `order`, bars are sorted by it as a
    number.
    """
    values = dict(zip(_values(columns), columns, strict=True))
    first = next(iter(values))
    missing = {"fieldName": first, "config": {"id": "isNull", "options": {}}}
    only_first = {"filters": [missing], "type": "exclude", "match": "any"}
    conversion = {"targetField": "order", "destinationType": "number"}
    panel = _bar_chart(name).transformations(
        [
            _joined(name),
            DataTransformerConfig("filterByValue", options=only_first),
            DataTransformerConfig(
                "convertFieldType", options={"conversions": [conversion]}
            ),
            _sorted("order"),
            _only([name, *values]),
        ]
    )
    for value, column in values.items():
        called = DynamicConfigValue("displayName", column)
        outline = [
            fixed("text"),
            DynamicConfigValue("custom.fillOpacity", 0),
            DynamicConfigValue("custom.lineWidth", 1),
        ]
        colour = [fixed(COLOURS[column])] if column in COLOURS else outline
        panel.override_by_name(value, [called, *colour])
    return described(panel, about, map(rows, columns.values()))


def stacks(about: About, name: str, parts: str, expression: str) -> barchart.Panel:
    """For each value of the label `name`, a bar that is stacked from values of `parts`.

    `expression` has both labels. Bars and parts are in the order of their names.
    """
    matrix = {
        "rowField": name,
        "columnField": parts,
        "valueField": "Value",
        "emptyValue": "null",
    }
    column = f"{name}\\{parts}"
    panel = (
        _bar_chart(column)
        .stacking(styles.StackingMode.NORMAL)
        .max(1)
        .transformations(
            [
                _sorted(parts),
                DataTransformerConfig("groupingToMatrix", options=matrix),
                _sorted(column),
            ]
        )
    )
    return described(panel, about, [rows(expression)])


def listing(
    about: About, key: str, queries: Iterable[str], columns: Mapping[str, Column]
) -> table.Panel:
    """A table with a row for each value of the label `key`.

    `columns` are by labels, and by values such as "Value #A". Rows are in the order of
    the first query.
    """
    names = list(columns)
    expressions = list(queries)
    order = {name: place for place, name in enumerate(names)}
    titles = {name: column.title for name, column in columns.items()}
    organized = {"indexByName": order, "renameByName": titles}
    panel = table.Panel().transformations(
        [
            *([_joined(key)] if len(expressions) > 1 else []),
            _only(names),
            DataTransformerConfig("organize", options=organized),
        ]
    )
    # Grafana writes the text for an empty panel into empty cells, too.
    panel.override_by_regexp("/.*/", [DynamicConfigValue("noValue", NONE)])
    for column in columns.values():
        if overrides := column.overrides():
            panel.override_by_name(column.title, overrides)
    return described(panel, about, map(rows, expressions))


def _bar_chart(name: str) -> barchart.Panel:
    return (
        barchart.Panel()
        .x_field(name)
        .x_tick_label_rotation(-45)
        .x_tick_label_max_length(LABEL_LENGTH)
        .color_scheme(own_colours())
        .show_value(styles.VisibilityMode.NEVER)
        .fill_opacity(80)
        .line_width(0)
        .min(0)
        .legend(legend())
    )


def _values(queries: Iterable[object]) -> list[str]:
    """Grafana's names for the values of each of several queries."""
    return [
        f"Value #{letter}" for letter, _ in zip(ascii_uppercase, queries, strict=False)
    ]


def _joined(key: str) -> DataTransformerConfig:
    return DataTransformerConfig(
        "joinByField", options={"byField": key, "mode": "outer"}
    )


def _sorted(field: str) -> DataTransformerConfig:
    return DataTransformerConfig("sortBy", options={"sort": [{"field": field}]})


def _only(names: list[str]) -> DataTransformerConfig:
    return DataTransformerConfig(
        "filterFieldsByName", options={"include": {"names": names}}
    )
