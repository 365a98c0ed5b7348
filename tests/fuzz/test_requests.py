"""Any method on any path with any headers, as the server hands requests over."""

from collections import namedtuple

from credit_analyzer.api import MAX_BODY_BYTES, PATH
from credit_analyzer.app import KNOWN_METHODS
from credit_analyzer.http.rsgi_bridge import environ
from hypothesis import example
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from tests.fuzz.cases import cases
from tests.fuzz.hostile import texts

Scope = namedtuple(
    "Scope", "method path query_string headers scheme http_version server client"
)
pieces = st.one_of(
    st.sampled_from(
        ["..", ".", "", "%2e%2e", "%2f", "%00", "%ff", ";", "\\", "healthz"]
    ),
    st.sampled_from(
        ["openapi.json", "metrics", "static", "api", "v1", "credit-analyzer", "docs"]
    ),
    # What the server hands over is Unicode, which no half of a pair is.
    texts.map(lambda text: text.encode("utf-8", "replace").decode()),
)
paths = st.one_of(
    st.sampled_from(
        [PATH, PATH.rstrip("/"), "/", "/docs", "/openapi.json", "/healthz", "*"]
    ),
    st.lists(pieces, max_size=5).map(lambda parts: "/" + "/".join(parts)),
)
latin = texts.map(lambda text: text.encode("utf-8", "replace").decode("latin-1"))
names = st.one_of(
    st.sampled_from(
        ["host", "content-type", "content-length", "transfer-encoding", "expect"]
    ),
    st.sampled_from(
        ["x-http-method-override", "content_length", "forwarded", "accept"]
    ),
    st.from_regex(r"[a-z!#$%&'*+.^_`|~-]{1,20}", fullmatch=True),
)
methods = st.one_of(
    st.sampled_from(sorted(KNOWN_METHODS)),
    st.sampled_from(["get", "BREW", "PRI"]),
    st.from_regex(r"[A-Za-z!#$%&'*+.^_`|~-]{1,20}", fullmatch=True),
)


@cases(
    method=methods,
    path=paths,
    query=st.one_of(st.just(""), latin),
    headers=st.dictionaries(names, latin, max_size=4),
    body=st.binary(max_size=50),
)
@example("GET", "/static/../model.pkl", "", {}, b"")
@example("POST", PATH, "", {"content_type": "application/json"}, b"{}")
@example("GET", PATH.rstrip("/"), "a=b", {"host": "evil\r\nSet-Cookie: a=b"}, b"")
def test_any_request_is_answered_and_makes_no_series(
    analyzer, method, path, query, headers, body
):
    scope = Scope(
        method, path, query, headers, "http", "1.1", "127.0.0.1:8000", "127.0.0.1:9"
    )
    chunks, status, fields = run_wsgi_app(
        analyzer.app.wsgi_app, environ(scope, body), buffered=True
    )
    response = Response(chunks, status, fields)
    analyzer.check(method, response)
    assert all("\n" not in value and "\r" not in value for _, value in fields)
    assert len(response.data) < MAX_BODY_BYTES
    analyzer.check_series()
