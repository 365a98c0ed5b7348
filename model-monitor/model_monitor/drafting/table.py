"""Tables of applications: CSV and Parquet files, as text or typed columns."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..card.inputs import Input
from ..errors import DraftError
from ..spelling import number_in, spelled

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# How a file begins that is no CSV in UTF-8, and what to do about it.
FOREIGN = {
    b"\x1f\x8b": "is compressed with gzip: unpack it with gunzip",
    b"PK\x03\x04": "is a zip or a spreadsheet: unpack it, or save it as CSV",
    b"\xff\xfe": "is UTF-16: save it as UTF-8",
    b"\xfe\xff": "is UTF-16: save it as UTF-8",
    b"PAR1": "is Parquet: name it .parquet",
}


class TableError(DraftError):
    """A table with a fault. The message names the file, the place and the fix."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length. A cell is None where the file has a gap.

    Cells of a CSV file are texts; those of Parquet have types.
    """

    path: Path
    columns: Mapping[str, Sequence[Any]]

    @property
    def has_types(self) -> bool:
        """Whether a text in it is no number."""
        return self.path.suffix == ".parquet"

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def column(self, name: str) -> Sequence[Any]:
        """The cells of a column. Raises `TableError` if there is none of that name."""
        if name not in self.columns:
            raise TableError(
                f"{self.path} has no column {name}; its columns are "
                f"{', '.join(self.columns)}"
            )
        return self.columns[name]

    def rows(self, inputs: Mapping[str, Input]) -> Iterator[Mapping[str, object]]:
        """Each application, with the values that its cells spell."""
        columns = {name: self.column(name) for name in inputs}
        for place in range(len(self)):
            yield {
                name: spelled(found, columns[name][place])
                for name, found in inputs.items()
                if columns[name][place] is not None
            }

    def scored(
        self, inputs: Mapping[str, Input], score: str, decision: str | None
    ) -> list[Mapping[str, Any]]:
        """Each application with its score, a number, and its decision, if it has one.

        Raises `TableError` for a score that is no finite number.
        """
        scores = self.column(score)
        decisions = self.column(decision) if decision else ()
        found: list[Mapping[str, Any]] = []
        for row, fields in enumerate(self.rows(inputs)):
            value = scores[row]
            value = number_in(value) if isinstance(value, str) else value
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise TableError(f"{self.place(row)}: {score} is no number: {value!r}")
            decided = {decision: decisions[row]} if decision else {}
            found.append({**fields, score: value, **decided})
        return found

    def place(self, row: int) -> str:
        """Where a row is, for a person who looks for it."""
        if self.has_types:
            return f"{self.path}, row {row + 1}"
        return f"{self.path}, line {row + 2}"


def read_table(path: Path) -> Table:
    """The table in a CSV file, or a Parquet file (*.parquet).

    Raises `TableError` if it cannot be read, or has no rows.
    """
    try:
        columns = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from error
    table = Table(path, columns)
    if not len(table):
        raise TableError(f"{path} has no rows")
    return table


def _csv(path: Path) -> Mapping[str, Sequence[Any]]:
    content = path.read_bytes()
    for start, problem in FOREIGN.items():
        if content.startswith(start):
            raise TableError(f"{path} {problem}")
    try:
        text = content.decode("utf-8-sig")  # spreadsheets begin it with a mark
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path} is not UTF-8 (byte {error.start:,}): save it as UTF-8"
        ) from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        _check_header(path, header)
        return _transposed(path, header, lines)
    except csv.Error as error:
        raise TableError(f"{path}, line {lines.line_num}: {error}") from error


def _check_header(path: Path, header: Sequence[str]) -> None:
    if not header:
        raise TableError(f"{path} is empty; its first line must name the columns")
    for separator, name in SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            raise TableError(f"{path} is separated by {name}: save it with commas")
    for name in header:
        if header.count(name) > 1:
            raise TableError(f"{path} has two columns {name!r}; rename one")


def _transposed(
    path: Path, header: Sequence[str], lines: Any
) -> Mapping[str, Sequence[str | None]]:
    columns: list[list[str | None]] = [[] for _ in header]
    for cells in lines:
        if not cells:
            continue  # an empty line
        if len(cells) != len(header):
            raise TableError(
                f"{path}, line {lines.line_num} has {len(cells)} cells; the header "
                f"names {len(header)} columns"
            )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell or None)
    return dict(zip(header, columns, strict=True))


def _parquet(path: Path) -> Mapping[str, Sequence[Any]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise TableError("Parquet needs pyarrow: install it") from error
    try:
        _check_header(path, parquet.read_schema(path).names)
        table = parquet.read_table(path)
    except ArrowException as error:
        raise TableError(f"{path}: {error}") from error
    return {
        name: [None if _is_gap(cell) else cell for cell in column.to_pylist()]
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _is_gap(cell: object) -> bool:
    return isinstance(cell, float) and math.isnan(cell)
