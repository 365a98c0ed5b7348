"""Applications in a CSV file, as a model is trained on and measured against."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from .application import (
    FIELDS,
    USUAL_RANGE_BRL,
    InvalidApplication,
    LoanApplication,
    parse,
    whole_number_in,
)


class UnreadableApplications(Exception):
    """A file of applications with a fault. The message names file, line and field."""


def read_csv(path: Path) -> Iterator[tuple[LoanApplication, Mapping[str, str]]]:
    """Each application in a CSV file, with its row (for further columns).

    Raises `UnreadableApplications` if the file, or a row of it, cannot be read.
    """
    line = 0
    try:
        # Spreadsheets begin a file in UTF-8 with a mark that says so.
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            for row in rows:
                line = rows.line_num
                yield _application_in(row), row
    except InvalidApplication as error:
        raise UnreadableApplications(f"{path}, line {line}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableApplications(f"{path}: {error}") from error
    if not line:
        raise UnreadableApplications(f"{path} holds no applications")


def _application_in(row: Mapping[str, str]) -> LoanApplication:
    fields: dict[str, object] = {name: row[name] for name in FIELDS if row.get(name)}
    for name in USUAL_RANGE_BRL.keys() & fields.keys():
        fields[name] = whole_number_in(row[name])
    return parse(fields)
