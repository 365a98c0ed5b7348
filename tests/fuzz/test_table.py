"""Tables of applications that hold anything."""

from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import example
from hypothesis import strategies as st
from model_monitor import Card, Monitor
from model_monitor.batch import count_rows
from model_monitor.counts import ProcessCounts
from model_monitor.drafting.reference import readings
from model_monitor.drafting.table import TableError, read_table
from pyarrow import parquet

from tests.fuzz.analyzer import EDUCATION_LEVELS, FIELDS, MAX_BRL, WRITTEN
from tests.fuzz.cases import cases
from tests.fuzz.csv_files import files
from tests.fuzz.hostile import check_sentence, damaged

CARD = Card.from_fields(WRITTEN)
COLUMNS = list(CARD.columns)
HEADER = [*FIELDS, "score"]
ROW = ["Bachelor", "clt", "20000", "5000", "0.5"]
WORDS = [*EDUCATION_LEVELS, "clt", "aposentado"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("csv") / "applications.csv"


@cases(written=st.one_of(files(HEADER, ROW, WORDS), st.binary(max_size=200)))
@example(written=f"{','.join(HEADER)}\n{','.join(ROW)}".encode())
@example(written=f"{','.join(HEADER)}\n\x00{','.join(ROW)}".encode())
@example(written=f'{",".join(HEADER)}\n"{"x" * 200_000}"'.encode())
def test_a_table_is_read_or_refused_with_a_sentence(path, written):
    path.write_bytes(written)
    counts = ProcessCounts(CARD.size)
    try:
        table = read_table(path)
        found = [row for row, _ in readings(Monitor(CARD, counts=counts), table)]
    except TableError as error:
        check_sentence(error)
        return
    assert len(found) == len(table) > 0
    for row in found:
        values = dict(zip(COLUMNS, row, strict=True))
        assert sum(values[f"education_level={name}"] for name in EDUCATION_LEVELS) == 1
        assert 1 <= values["loan_amount"] <= MAX_BRL
        assert 1 <= values["monthly_income"] <= MAX_BRL
    # None was refused, so none was counted: that is for those who decide.
    assert not any(counts.snapshot())


TYPES = {
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "unsigned": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "number": (pa.float64(), st.floats()),
    "boolean": (pa.bool_(), st.booleans()),
    "text": (pa.string(), st.sampled_from([*WORDS, "20000", "", "\x00"])),
    "bytes": (pa.binary(), st.binary(max_size=3)),
    "decimal": (pa.decimal128(9, 2), st.decimals(0, 99, places=2)),
    "date": (pa.date32(), st.dates()),
    "time": (pa.timestamp("us"), st.datetimes()),
    "list": (pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
    "none": (pa.null(), st.none()),
}


@st.composite
def parquet_files(draw):
    """The bytes of a Parquet file, perhaps with some of them changed."""
    rows = draw(st.integers(0, 3))
    columns = {}
    for name in draw(st.sampled_from([HEADER, HEADER, HEADER[1:], [], ["x", *HEADER]])):
        kind, values = TYPES[draw(st.sampled_from([*TYPES]))]
        gaps = st.one_of(values, st.none())
        cells = draw(st.lists(gaps, min_size=rows, max_size=rows))
        columns[name] = pa.array(cells, kind)
    file = BytesIO()
    parquet.write_table(pa.table(columns), file)
    return draw(st.one_of(st.just(file.getvalue()), damaged(file.getvalue(), most=20)))


@cases(written=parquet_files())
def test_a_parquet_table_is_read_or_refused_with_a_sentence(path, written):
    file = path.with_suffix(".parquet")
    file.write_bytes(written)
    try:
        table = read_table(file)
        applications = table.scored(CARD.inputs, "score", None)
    except TableError as error:
        check_sentence(error)
        return
    monitor = Monitor(CARD, counts=ProcessCounts(CARD.size))
    assert 0 <= count_rows(monitor, applications) <= len(table)


@cases(written=files(HEADER, ROW, [*WORDS, "0.7"]))
def test_a_scored_table_is_counted_or_refused_with_a_sentence(path, written):
    path.write_bytes(written)
    counts = ProcessCounts(CARD.size)
    try:
        rows = read_table(path).scored(CARD.inputs, "score", None)
    except TableError as error:
        check_sentence(error)
        return
    monitor = Monitor(CARD, counts=counts)
    refused = count_rows(monitor, rows)
    validity = CARD.signal("validity")
    found = counts.snapshot()[validity.base : validity.base + validity.size]
    assert (found[0], sum(found[1:])) == (len(rows) - refused, refused)
