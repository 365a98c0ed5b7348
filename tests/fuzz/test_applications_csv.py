"""Files of applications that hold anything."""

import pytest
from credit_analyzer.application import CATEGORIES, FIELDS, MAX_BRL
from credit_analyzer.applications_csv import UnreadableApplications, read_csv
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import check_sentence, numbers, texts

CATEGORY = [category for known in CATEGORIES.values() for category in known]
HEADER = ",".join(FIELDS)
ROW = "Bachelor,clt,20000,5000"
cells = st.one_of(
    st.sampled_from([*CATEGORY, "20000", " 5000", "", '"', "1e4", "=1+1"]),
    numbers.filter(lambda number: abs(number) < 10**300).map(str),
    texts,
)
names = st.one_of(st.sampled_from([*FIELDS, "repaid", ""]), texts)
rows = st.one_of(
    st.just(ROW),
    st.lists(cells, max_size=6).map(",".join),
    st.lists(cells, max_size=6).map(";".join),
)
headers = st.one_of(st.just(HEADER), st.lists(names, max_size=6).map(",".join))
ends = st.sampled_from(["\n", "\r\n", "\r", "\x85", "\u2028"])
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])


@st.composite
def files(draw):
    """The bytes of something like a CSV file."""
    lines = [draw(headers), *draw(st.lists(rows, max_size=4))]
    text = draw(ends).join(lines)
    return text.encode(draw(encodings), draw(st.sampled_from(["replace", "ignore"])))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("csv") / "applications.csv"


@cases(written=st.one_of(files(), st.binary(max_size=200)))
@example(written=f"{HEADER}\n{ROW}".encode())
@example(written=f"{HEADER}\n\x00{ROW}".encode())
@example(written=f'{HEADER}\n"{"x" * 200_000}"'.encode())
def test_a_file_is_read_or_refused_with_a_sentence(path, written):
    path.write_bytes(written)
    try:
        applications = [application for application, _ in read_csv(path)]
    except UnreadableApplications as error:
        check_sentence(error)
        return
    assert applications
    for application in applications:
        assert application.education_level in CATEGORIES["education_level"]
        assert application.profession_type in CATEGORIES["profession_type"]
        assert 1 <= application.loan_amount <= MAX_BRL
        assert 1 <= application.monthly_income <= MAX_BRL
