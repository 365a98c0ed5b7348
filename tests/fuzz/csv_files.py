"""The bytes of something like a CSV file."""

from hypothesis import strategies as st

from tests.fuzz.hostile import numbers, texts

ends = st.sampled_from(["\n", "\r\n", "\r", "\x85", "\u2028"])
encodings = st.sampled_from(
    ["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
)
spelled = st.one_of(
    st.sampled_from(["20000", " 5000", "", '"', "1e4", "=1+1", "NaN", "inf", "1_0"]),
    st.sampled_from(["true", "False", "0", "1", "1.0", "-0", "1e999", "None"]),
    numbers.filter(lambda number: abs(number) < 10**300).map(str),
)


@st.composite
def files(draw, header, row, words):
    """Bytes of lines like `header` and `row`, whose cells are `words`, or anything."""
    cells = st.one_of(st.sampled_from(words), spelled, texts)
    names = st.one_of(st.sampled_from([*header, "repaid", ""]), texts)
    headers = st.one_of(st.just(header), st.just(header), st.lists(names, max_size=6))
    rows = st.one_of(
        st.just(row),
        st.just(row),
        _with_another(row, cells),
        st.lists(cells, max_size=6),
    )
    separator = draw(st.sampled_from([",", ",", ",", ";", "\t"]))
    lines = [draw(headers), *draw(st.lists(rows, max_size=6))]
    text = draw(ends).join(separator.join(line) for line in lines)
    return text.encode(draw(encodings), draw(st.sampled_from(["replace", "ignore"])))


@st.composite
def _with_another(draw, row, cells):
    place = draw(st.integers(0, len(row) - 1))
    return [*row[:place], draw(cells), *row[place + 1 :]]
