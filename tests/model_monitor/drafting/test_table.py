import gzip

import pandas as pd
import pyarrow
import pytest
from model_monitor.card.inputs import Categorical, Numeric
from model_monitor.drafting.table import TableError, read_table
from pyarrow import parquet

INPUTS = {
    "colour": Categorical("colour", ("red", "blue")),
    "member": Categorical("member", ("false", "true"), boolean=True),
    "size": Numeric("size", (1.0,), integer=True),
}
TEXT = "colour,member,size\nred,true,20000\nblue,False,\n"


@pytest.fixture
def write(tmp_path):
    def write(content, name="things.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_cells_are_read_as_what_their_column_is(write):
    rows = [*read_table(write(TEXT)).rows(INPUTS)]
    assert rows == [
        {"colour": "red", "member": True, "size": 20000},
        {"colour": "blue", "member": False},
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20000", 20000),
        ("20000.0", 20000),
        ("2e4", 20000),
        (" 20000 ", 20000),
        ("20000.5", 20000.5),
        ("20_000", "20_000"),
        ("many", "many"),
        ("٣", "٣"),
    ],
)
def test_a_number_may_be_written_as_programs_write_it(write, text, value):
    [row] = read_table(write(f"colour,member,size\nred,1,{text}\n")).rows(INPUTS)
    assert row["size"] == value


def test_a_mark_of_the_byte_order_is_ignored(write):
    assert "colour" in read_table(write(b"\xef\xbb\xbf" + TEXT.encode())).columns


def test_empty_lines_are_ignored(write):
    assert len(read_table(write(TEXT + "\n\n"))) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty; its first line must name the columns"),
        ("colour,size\n", "has no rows"),
        (TEXT.replace(",", ";"), "is separated by semicolons: save it with commas"),
        (TEXT.replace(",", "\t"), "is separated by tabs: save it with commas"),
        (TEXT.encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (gzip.compress(TEXT.encode(), mtime=0), "is compressed with gzip: unpack it"),
        (b"PK\x03\x04....", "is a zip or a spreadsheet"),
        (b"PAR1....", "is Parquet: name it .parquet"),
        ("colour\nnão\n".encode("latin-1"), r"is not UTF-8 \(byte 8\): save it"),
        ("a,a\n1,2\n", "has two columns 'a'; rename one"),
        ("a,b\n1\n", "line 2 has 1 cells; the header names 2 columns"),
        ("a,b\n1,2,3\n", "line 2 has 3 cells"),
        ('a,b\n"1,2\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_no_table_is_refused_with_the_fix(write, content, problem):
    with pytest.raises(TableError, match=problem) as caught:
        read_table(write(content))
    assert "things.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"nothing\.csv: No such file"):
        read_table(tmp_path / "nothing.csv")


def test_a_missing_column_is_named_as_missing(write):
    table = read_table(write("colour,size\nred,1\n"))
    with pytest.raises(
        TableError, match="has no column member; its columns are colour,"
    ):
        next(iter(table.rows(INPUTS)))


def test_a_row_is_found_by_its_line(write):
    assert read_table(write(TEXT)).place(1).endswith("things.csv, line 3")


def test_parquet_is_read_like_csv(write, tmp_path):
    path = tmp_path / "things.parquet"
    frame = pd.DataFrame(
        {"colour": ["red", "blue"], "member": [True, False], "size": [20000, None]}
    )
    frame.to_parquet(path)
    found = [*read_table(path).rows(INPUTS)]
    assert found == [*read_table(write(TEXT)).rows(INPUTS)]


def test_two_columns_of_one_name_are_refused_in_parquet_too(tmp_path):
    path = tmp_path / "things.parquet"
    parquet.write_table(pyarrow.table([[1], [2]], names=["a", "a"]), path)
    with pytest.raises(TableError, match="has two columns 'a'; rename one"):
        read_table(path)


def test_what_is_no_parquet_is_refused(write):
    with pytest.raises(TableError, match=r"things\.parquet: "):
        read_table(write(b"PAR1 no", "things.parquet"))
