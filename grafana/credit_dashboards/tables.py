"""Panels that are made of rows: tables, and bars side by side."""

from collections.abc import Iterable, Mapping
from string import ascii_uppercase

from grafana_foundation_sdk.builders import barchart, prometheus, table
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from .panels import About, described
from .series import fixed, legend

COLOURS = {"observed": "blue", "expected": "text", "compared": "purple"}


def rows(expression: str) -> prometheus.Dataquery:
    """A query for rows: a column for each label, and one for the value."""
    query = prometheus.Dataquery().expr(expression).instant()
    return query.format(PromQueryFormat.TABLE)


def bars(
    about: About, name: str, columns: Mapping[str, str], order: str = ""
) -> barchart.Panel:
    """For each value of the label `name`, a bar for each of `columns`, side by side.

    `columns` are expressions by what they are called. `order` is a label that is a
    number, and sorts the bars; without it, `name` does.
    """
    values = dict(zip(_values(columns), columns, strict=True))
    key = order or name
    panel = (
        barchart.Panel()
        .x_field(name)
        .x_tick_label_rotation(-45 if order else 0)
        .show_value(styles.VisibilityMode.NEVER)
        .fill_opacity(80)
        .line_width(0)
        .min(0)
        .legend(legend())
        .with_transformation(_joined(key))
    )
    if order:
        conversion = {"targetField": order, "destinationType": "number"}
        panel.with_transformation(
            DataTransformerConfig(
                "convertFieldType", options={"conversions": [conversion]}
            )
        )
    panel.with_transformation(
        DataTransformerConfig("sortBy", options={"sort": [{"field": key}]})
    ).with_transformation(_only([name, *values]))
    for value, column in values.items():
        called = DynamicConfigValue("displayName", column)
        panel.override_by_name(value, [called, fixed(COLOURS[column])])
    return described(panel, about, map(rows, columns.values()))


def listing(
    about: About,
    key: str,
    queries: Iterable[str],
    columns: Mapping[str, str],
    units: Mapping[str, str],
) -> table.Panel:
    """A table with a row for each value of the label `key`.

    `columns` are labels, and values such as "Value #A", by what they are called on the
    page; `units` are those of values.
    """
    names = list(columns.values())
    expressions = list(queries)
    panel = table.Panel().transformations(
        [
            *([_joined(key)] if len(expressions) > 1 else []),
            _only(names),
            DataTransformerConfig(
                "organize",
                options={
                    "indexByName": {name: place for place, name in enumerate(names)},
                    "renameByName": {name: called for called, name in columns.items()},
                },
            ),
        ]
    )
    for called, unit in units.items():
        panel.override_by_name(called, [DynamicConfigValue("unit", unit)])
    return described(panel, about, map(rows, expressions))


def _values(queries: Iterable[object]) -> list[str]:
    """What Grafana calls the values of each of several queries."""
    return [
        f"Value #{letter}" for letter, _ in zip(ascii_uppercase, queries, strict=False)
    ]


def _joined(key: str) -> DataTransformerConfig:
    return DataTransformerConfig(
        "joinByField", options={"byField": key, "mode": "outer"}
    )


def _only(names: list[str]) -> DataTransformerConfig:
    return DataTransformerConfig(
        "filterFieldsByName", options={"include": {"names": names}}
    )
