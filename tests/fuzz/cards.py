"""Random cards that are valid, and random applications to their models."""

from hypothesis import strategies as st
from model_monitor.card.inputs import LARGEST
from model_monitor.card.parts import (
    GENERIC_METRICS,
    RESERVED,
    RESERVED_LABELS,
    metric_name,
)
from model_monitor.drafting.reference import uniform_reference

from tests.fuzz.hostile import NASTY, scalars

# Of a label any character is valid that can be seen, or is a space.
shown = st.characters(exclude_categories=("Cc", "Cs"))
labels = st.one_of(
    st.text(shown, min_size=1, max_size=12),
    st.sampled_from(["other", "missing", "true", "all", "valid", "1", "é", '"', "\\"]),
    st.sampled_from([text for text in NASTY if text.isprintable()]),
    st.sampled_from(["\\n", "a\\", "a,b", "a=b", "{}", "#", " ", "\u2028", "NaN"]),
)
odd_names = st.sampled_from(
    [
        *("size", "size_count", "size_bucket", "size_sum", "size total", "Size"),
        *("Größe", "monthly income", "model", "kind", "category", "segment", "role"),
        *("decisions", "other", "missing", "x", "unit", "description", "type"),
    ]
)
names = st.one_of(
    odd_names,
    st.builds("{}{}".format, st.sampled_from("aZ_"), st.text(shown, max_size=8)),
).filter(
    lambda name: (
        metric_name(name)[:1].isalpha()
        and "=" not in name
        and not {name, metric_name(name)} & RESERVED
        and not name.endswith("_range")
        and not name.startswith("decision_by_")
    )
)
within = st.floats(-1e6, 1e6)
# Bounds, edges and values meet more often if they are few.
numbers = st.one_of(
    st.integers(-20, 20),
    st.integers(-20, 20).map(lambda n: n / 4),
    within,
    st.integers(-(10**12), 10**12),
    st.sampled_from([-LARGEST, -1e30, -1e-30, 1e-30, 5e-324, 1e30, LARGEST, 2**53 + 1]),
)


def rising(most, values=numbers):
    """Different numbers, the smallest first."""
    found = st.lists(values, min_size=1, max_size=most, unique_by=float)
    return found.map(sorted)


def shares(size):
    """As many shares as that; any of them may be none at all."""
    weights = st.lists(st.integers(0, 50), min_size=size, max_size=size)
    return weights.filter(any).map(lambda found: [n / sum(found) for n in found])


@st.composite
def categorical(draw):
    known = draw(st.lists(labels, min_size=1, max_size=4, unique=True))
    # An absent value is counted as missing, so no category can be called that.
    able = ("other",) if "missing" in known else ("other", "optional")
    return {"enum": known, **draw(flags(*able))}


@st.composite
def numeric(draw):
    whole = draw(st.booleans())
    limits = sorted(draw(st.lists(numbers, min_size=4, max_size=4)))
    spec = {"type": "integer" if whole else "number", "edges": draw(rising(15))}
    spec |= draw(flags("optional"))
    if draw(st.booleans()):
        spec["usual"] = limits[1:3]
    if draw(st.booleans()):
        spec["minimum"] = int(limits[0] // 1) if whole else limits[0]
    if draw(st.booleans()):
        spec["maximum"] = -int(-limits[3] // 1) if whole else limits[3]
    if draw(st.booleans()):
        spec["unit"] = draw(st.sampled_from(["brl", "seconds", "bytes", "ratio", "u_"]))
    return spec


def flags(*names):
    """Some of the names, each true or false."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, st.booleans()))


inputs = st.one_of(
    categorical(),
    numeric(),
    flags("optional").map(lambda found: {"type": "boolean", **found}),
)


@st.composite
def cards(draw):
    """A card in its JSON form."""
    namespace = draw(st.sampled_from(["thing", "model", "a_", "x9"]))
    found = _distinct(
        namespace, draw(st.dictionaries(names, inputs, min_size=1, max_size=6))
    )
    fields = {
        "name": draw(
            st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,9}", fullmatch=True)
        ),
        "version": draw(st.sampled_from(["1.0.0", "_", "2026-01+b"])),
        "namespace": namespace,
        "created": draw(st.sampled_from(["2026-01-02T03:04:05Z", "1970-01-01T00Z"])),
        "inputs": found,
        "score": {"edges": draw(rising(12, st.one_of(st.floats(0, 1), within)))},
    }
    fields["decisions"] = draw(_decisions(fields["score"]["edges"]))
    fields |= draw(_encoding(found))
    able = [
        name
        for name, spec in found.items()
        if ("enum" in spec or spec["type"] == "boolean")
        and metric_name(name) not in RESERVED_LABELS
    ]
    some = st.lists(st.sampled_from(able or [""]), unique=True, max_size=2 * bool(able))
    fields["segments"] = draw(some)
    by_metric = {metric_name(name): name for name in fields["segments"]}
    fields["segments"] = [*by_metric.values()]
    fields["reference"] = draw(_reference(fields))
    known = ["*", *fields["reference"]["shares"]]
    some = st.dictionaries(st.sampled_from(known), st.floats(0.001, 0.999), max_size=3)
    optional = {"tolerance": some, "critical": some, "false_alarm_days": st.just(30)}
    fields |= draw(st.fixed_dictionaries({}, optional=optional))
    if draw(st.booleans()):
        fields["query"] = draw(_query(found, fields["decisions"]["names"]))
    return fields


def _distinct(namespace, found):
    """The inputs but for those whose metric is another's."""
    own = ("decisions", "score", "refused_applications", "decisions_total")
    taken = {metric_name(namespace, word) for word in own} | {*GENERIC_METRICS}
    kept = {}
    for name, spec in found.items():
        metric = metric_name(namespace, name, spec.get("unit", ""))
        if metric not in taken:
            kept[name] = spec
        taken.add(metric)
    return kept or {"plain": {"type": "boolean"}}


@st.composite
def _decisions(draw, edges):
    kind = draw(st.sampled_from(["from", "argmax", "given"]))
    most = len(edges) + 1 if kind == "from" else 4
    chosen = draw(st.lists(labels, min_size=2, max_size=min(most, 4), unique=True))
    found = {"names": chosen}
    if kind == "from":
        cut = st.sampled_from(edges)
        count = len(chosen) - 1
        found["from"] = sorted(
            draw(st.lists(cut, min_size=count, max_size=count, unique=True))
        )
    if kind == "argmax":
        found["of"] = "argmax"
    if draw(st.booleans()):
        found["expected"] = draw(shares(len(chosen)))
    return found


@st.composite
def _encoding(draw, found):
    kind = draw(st.sampled_from(["fields", "ordinal", "one-hot"]))
    able = [*found]
    if kind == "one-hot":
        texts = {name: spec["enum"] for name, spec in found.items() if "enum" in spec}
        able = [name for name in found if name not in texts]
        able += [f"{name}={known[0]}" for name, known in texts.items()]
    columns = draw(st.lists(st.sampled_from(able), unique=True, min_size=1))
    return {"encoding": kind, "columns": columns}


@st.composite
def _query(draw, found, decisions):
    parameters = {}
    for name, spec in found.items():
        known = dict.fromkeys(spec.get("enum", ["false", "true"]))
        known |= dict.fromkeys(["other"] if spec.get("other") else [])
        known |= dict.fromkeys(["missing"] if spec.get("optional") else [])
        if "edges" not in spec and draw(st.booleans()):
            sources = [f"{name}={category}" for category in known]
        else:
            sources = [name]
        for source in sources:
            parameters[f"{len(parameters)} {draw(labels)}"] = source
    answer = {"score": draw(labels), "decision": f"{draw(labels)} decision"}
    some = st.dictionaries(st.sampled_from(decisions), labels, max_size=2)
    return {"parameters": parameters, "answer": answer | {"texts": draw(some)}}


@st.composite
def _reference(draw, fields):
    found = uniform_reference(fields)["shares"]
    drawn = {}
    for signal, uniform in found.items():
        if isinstance(uniform, dict):
            drawn[signal] = {
                category: draw(shares(len(each)))
                for category, each in uniform.items()
                if draw(st.integers(0, 3))
            }
        else:
            drawn[signal] = draw(shares(len(uniform)))
    return {"applications": draw(st.integers(1, 10**9)), "shares": drawn}


def _value(spec):
    """A value that an input takes, if it takes any."""
    if "enum" in spec:
        value = st.sampled_from(spec["enum"])
        value = st.one_of(value, labels) if spec.get("other") else value
    elif spec["type"] == "boolean":
        value = st.booleans()
    else:
        limits = (spec.get(name) for name in ("minimum", "maximum"))
        marks = [*spec["edges"], *spec.get("usual", ()), *limits]
        value = st.one_of(
            st.sampled_from([mark for mark in marks if mark is not None]), numbers
        )
        if spec["type"] == "integer":
            value = value.map(lambda n: int(n // 1))
            value = st.one_of(value, value.map(float))
    return st.one_of(value, st.none()) if spec.get("optional") else value


@st.composite
def applications(draw, fields):
    """Applications to a card's model, each with a score and a decision.

    Most are accepted; of the others one field is wrong, absent or unknown.
    """
    values = {name: _value(spec) for name, spec in fields["inputs"].items()}
    optional = {name for name, spec in fields["inputs"].items() if spec.get("optional")}
    required = {name: v for name, v in values.items() if name not in optional}
    others = {name: values[name] for name in optional}
    right = st.fixed_dictionaries(required, optional=others)
    wrong = st.builds(
        lambda found, change: found | change,
        right,
        st.dictionaries(
            st.one_of(st.sampled_from([*values]), labels), scalars, max_size=1
        ),
    )
    scores = st.one_of(
        st.sampled_from(fields["score"]["edges"]), st.floats(0, 1), within
    )
    decision = st.none()
    if "from" not in fields["decisions"]:
        decision = st.sampled_from(fields["decisions"]["names"])
    one = st.tuples(st.one_of(right, right, wrong), scores, decision)
    return draw(st.lists(one, max_size=12))


@st.composite
def counted(draw):
    """A card, and applications to its model."""
    fields = draw(cards())
    return fields, draw(applications(fields))
