"""The form of existing callers, with anything in the query string."""

import re
from urllib.parse import quote, urlencode

from credit_analyzer.api import PATH
from credit_analyzer.application import COLUMNS, MAX_BRL, LoanApplication
from credit_analyzer.query_form import FLAGS, STATUS
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import numbers, texts

EDUCATION, PROFESSION = FLAGS.values()
amounts = st.one_of(
    st.integers(1, 120_000).map(str),
    st.sampled_from(["0", "1", "+5", "007", str(MAX_BRL), str(MAX_BRL + 1), "1e4"]),
    numbers.filter(lambda number: abs(number) < 10**300).map(str),
    texts,
)
flags = st.one_of(st.sampled_from(["0", "1", "01", "true", ""]), texts)


@st.composite
def forms(draw):
    """Pairs of a query string: right, and then perhaps spoiled."""
    chosen = draw(st.sampled_from([*EDUCATION])), draw(st.sampled_from([*PROFESSION]))
    pairs = {column: "1" if column in chosen else "0" for column in COLUMNS}
    pairs |= {column: draw(amounts) for column in COLUMNS[:2]}
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


def application_in(pairs):
    """What `pairs` apply for, or None if that is not to be decided."""
    query = dict(pairs)
    if len(pairs) != len(COLUMNS) or {*query} != {*COLUMNS}:
        return None
    loan, income = (query[column] for column in COLUMNS[:2])
    for amount in (loan, income):
        whole = re.fullmatch("[+-]?[0-9]{1,30}", amount)
        if not whole or not 1 <= int(amount) <= MAX_BRL:
            return None
    categories = []
    for group in (EDUCATION, PROFESSION):
        if sorted(query[flag] for flag in group) != ["0"] * (len(group) - 1) + ["1"]:
            return None
        categories += [group[flag] for flag in group if query[flag] == "1"]
    return LoanApplication(*categories, int(loan), int(income))


@cases(pairs=forms(), method=st.sampled_from(["GET", "GET", "HEAD"]))
def test_a_query_is_decided_rightly_or_refused_and_counted_once(
    analyzer, pairs, method
):
    before = analyzer.outcomes()
    query = urlencode(pairs, errors="surrogatepass")
    response = analyzer.send(method, PATH, query_string=query)
    [(outcome, times)] = (analyzer.outcomes() - before).items()
    application = application_in(pairs)
    assert times == 1
    if application is None:
        assert response.status_code == 422
        assert outcome[0] == "credit_invalid_applications_total"
        return
    assert response.status_code == 200
    score, decision = analyzer.expected(application)
    segment = application.education_level, application.profession_type
    assert outcome == ("credit_decisions_total", *outcome[1:3], decision, *segment)
    if method == "GET":
        assert response.json == {
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
    before = analyzer.outcomes()
    response = analyzer.send("GET", PATH, query_string=raw.decode("latin-1"))
    [(outcome, times)] = (analyzer.outcomes() - before).items()
    assert (response.status_code, times) == (422, 1)
    assert outcome[0] == "credit_invalid_applications_total"
    # However much is wrong, an answer is not much longer than what was asked.
    assert len(response.data) < 10_000 + 20 * len(quote(raw))
