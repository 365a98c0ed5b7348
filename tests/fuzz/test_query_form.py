"""The form of existing callers, with anything in the query string.

As the original service did, it takes anything that spells a number, ignores unknown
parameters, takes the first of repeated ones, and answers a JSON string that holds an
object.
"""

import json
import math
from urllib.parse import quote, urlencode

from credit_analyzer.api import PATH
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.analyzer import MAX_BRL, WRITTEN
from tests.fuzz.cases import cases
from tests.fuzz.hostile import numbers, texts

PARAMETERS = WRITTEN["query"]["parameters"]
AMOUNTS = ("loan-amount", "monthly-income")
EDUCATION, PROFESSION = (
    {
        parameter: source.partition("=")[2]
        for parameter, source in PARAMETERS.items()
        if source.startswith(f"{field}=")
    }
    for field in ("education_level", "profession_type")
)
STATUS = WRITTEN["query"]["answer"]["texts"]
amounts = st.one_of(
    st.integers(1, 120_000).map(str),
    st.floats(1, 120_000).map(str),
    st.sampled_from(
        ["0", "1", "+5", "007", str(MAX_BRL), str(MAX_BRL + 1), "1e4", " 7 ", "5.5"]
    ),
    st.sampled_from(["1_000", "\u0661\u0662", "inf", "nan", "0x1F", "1e400", "-0"]),
    numbers.filter(lambda number: abs(number) < 10**300).map(str),
    texts,
)
flags = st.one_of(
    st.sampled_from(["0", "1", "01", "1.0", "0e9", " 1", "-0", "true", "", "2"]), texts
)


@st.composite
def forms(draw):
    """Pairs of a query string: right, and then perhaps spoiled."""
    chosen = draw(st.sampled_from([*EDUCATION])), draw(st.sampled_from([*PROFESSION]))
    pairs = {column: "1" if column in chosen else "0" for column in PARAMETERS}
    pairs |= {column: draw(amounts) for column in AMOUNTS}
    spoiled = [*pairs.items()]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(spoiled) - 1))
        match draw(st.sampled_from(["change", "remove", "repeat", "add"])):
            case "change":
                spoiled[at] = (spoiled[at][0], draw(flags))
            case "remove" if len(spoiled) > 1:
                del spoiled[at]
            case "repeat":
                spoiled.append((spoiled[at][0], draw(flags)))
            case _:
                spoiled.insert(at, (draw(texts), draw(flags)))
    return draw(st.permutations(spoiled))


def number_in(text):
    """The number that a text spells to the original service, or NaN."""
    # It took digits of every script, and 1_000. No caller sends those.
    if not text.isascii() or "_" in text:
        return math.nan
    try:
        return float(text)
    except ValueError:
        return math.nan


def application_in(pairs):
    """What `pairs` apply for, or None if that must be refused."""
    query = dict(reversed(pairs))
    if not query.keys() >= PARAMETERS.keys():
        return None
    amounts = [number_in(query[name]) for name in AMOUNTS]
    if not all(1 <= amount <= MAX_BRL for amount in amounts):
        return None
    categories = []
    for group in (EDUCATION, PROFESSION):
        values = {flag: number_in(query[flag]) for flag in group}
        if sorted(values.values()) != [0] * (len(group) - 1) + [1]:
            return None
        categories += [group[flag] for flag in group if values[flag] == 1]
    return *categories, *amounts


@cases(pairs=forms(), method=st.sampled_from(["GET", "GET", "GET", "HEAD"]))
def test_a_query_is_decided_rightly_or_refused_and_counted_once(
    analyzer, pairs, method
):
    before = analyzer.counts()
    query = urlencode(pairs, errors="surrogatepass")
    response = analyzer.send(method, PATH, query_string=query)
    application = application_in(pairs)
    if method == "HEAD":
        assert (response.status_code, response.data) == (200, b"")
        assert analyzer.counts() == before
        return
    if application is None:
        assert response.status_code == 422
        analyzer.check_refused(before)
        return
    assert response.status_code == 200
    assert response.content_type == "application/json"
    score, decision = analyzer.check_decided(before, application)
    assert json.loads(response.json) == {
        "probability_of_credit_approval": score,
        "status": STATUS[decision],
    }


@cases(
    raw=st.one_of(
        st.binary(max_size=200), texts.map(lambda t: t.encode("utf-8", "replace"))
    )
)
@example(raw=b"&".join(b"%d" % number for number in range(2_000)))
@example(raw=b"%ff%fe=%00&=&&;")
def test_any_query_string_is_refused_and_counted_once(analyzer, raw):
    before = analyzer.counts()
    response = analyzer.send("GET", PATH, query_string=raw.decode("latin-1"))
    assert response.status_code == 422
    analyzer.check_refused(before)
    # However much is wrong, an answer is not much longer than what was asked.
    assert len(response.data) < 10_000 + 20 * len(quote(raw))
