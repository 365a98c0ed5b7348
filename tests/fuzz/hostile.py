"""Input that should do no harm."""

from hypothesis import strategies as st

# Escapes of every language that a text passes through on its way to a reader.
NASTY = (
    "{{ $labels.model }}",
    '{{ query "up" }}',
    "{% raw %}{{ 7*7 }}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</bdi></h2><h1>",
    "javascript:alert(1)",
    "data:text/html,<script>",
    "http://[",
    "\u202edlrow\u2066",
    "\r\nSet-Cookie: a=b",
    '\n{"time": "forged"}',
    "\x1b[2J",
    "\x00",
    "\x85\u2028",
    "%00%0a",
    "'; DROP TABLE alerts; --",
    "$.model",
    '"} or up{x="',
    "../../etc/passwd",
    "\ud800",
)
texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(NASTY),
    st.builds("".join, st.lists(st.sampled_from(NASTY), min_size=2, max_size=3)),
    st.sampled_from(NASTY).map(lambda text: text * 200),
)
numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, -1, 2**31, 2**53 + 1, 2**63, 10**30, 10**400, 1e308, -0.0]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def mutations(draw, document):
    """`document` with one to three of its parts replaced, removed, added or repeated.

    Half of what is replaced is replaced by something like it.
    """
    for _ in range(draw(st.integers(1, 3))):
        document = _mutated(draw, document)
    return document


def _mutated(draw, part):
    if isinstance(part, dict | list) and part and draw(st.integers(0, 7)):
        whole = part.copy()
        names = list(whole) if isinstance(whole, dict) else range(len(whole))
        name = draw(st.sampled_from(names))
        match draw(st.sampled_from(["into", "into", "into", "remove", "add"])):
            case "into":
                whole[name] = _mutated(draw, whole[name])
            case "remove":
                del whole[name]
            case "add" if isinstance(whole, dict):
                whole[draw(texts)] = draw(json_values)
            case "add":
                whole.insert(name, whole[name])
        return whole
    return draw(st.one_of(_like(part), json_values))


def _like(part):
    match part:
        case str():
            return st.one_of(texts, texts.map(lambda text: part + text))
        case int() | float():
            return st.one_of(numbers, st.sampled_from([part - 1, part + 1, str(part)]))
        case _:
            return json_values


@st.composite
def damaged(draw, written, most):
    """Bytes with some of them changed, up to `most` in one place."""
    found = bytearray(written)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(found)))
        end = draw(st.integers(start, min(start + most, len(found))))
        found[start:end] = draw(st.binary(max_size=6))
    return bytes(found)


def check_sentence(error):
    """An error is one line of bounded length, in which nothing hides."""
    assert str(error).isprintable()
    assert len(str(error)) < 1_000
