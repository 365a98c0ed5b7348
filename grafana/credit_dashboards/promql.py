"""PromQL that panels share. `$model`, `$window`, ... are Grafana's variables."""

# The model version that is looked at, and the one that it is compared with.
VERSION = 'model="$model",model_version="$version"'
COMPARED = 'model="$model",model_version="$compare"'

# What fires for the model, or for nobody's model: the service, the monitor. Info is
# context, not an event.
FIRING = (
    'ALERTS{alertstate="firing",severity!="info",'
    'model=~"$model|",model_version=~"$version|"}'
)


def select(metric: str, signal: str = "", version: str = VERSION) -> str:
    """The series of `metric` of one version of a model, and of one signal if given."""
    matchers = f'signal="{signal}",{version}' if signal else version
    return f"{metric}{{{matchers}}}"


def cumulative_reference(signal: str) -> str:
    """Reference shares at or below `le`, with the lower edge of the bucket: `above`."""
    return select("signal_le_above:credit_reference:ratio", signal)


def cumulative_observed(signal: str) -> str:
    """The same of what was observed; the lower edges are those of the reference."""
    return (
        f"(0 * {cumulative_reference(signal)} + ignoring (above) group_left () "
        f"{select('signal_le:credit_applications:ratio${window}', signal)})"
    )


def per_bucket(cumulative: str) -> str:
    """The share of each single bucket: at its upper edge, less that at its lower one.

    The first bucket has no other below it, and is what it is.
    """
    lower = f'label_replace({cumulative}, "above", "$1", "le", "(.+)")'
    return f"{cumulative} - ignoring (le) group_left () {lower} or {cumulative}"


# As `le` is spelled: a whole number ends in .0.
_EDGE = "(.+?)(?:[.]0)?"


def named(buckets: str) -> str:
    """Shares of buckets by `above`, and by `bucket`, a name such as 1500–2000."""
    joined = f'label_join({buckets}, "bucket", "–", "above", "le")'
    plain = f'label_replace({joined}, "bucket", "$1–$2", "bucket", "{_EDGE}–{_EDGE}")'
    last = f'label_replace({plain}, "bucket", "> $1", "bucket", "(.+)–[+]Inf")'
    return f"sum by (above, bucket) ({last})"


def closeness() -> str:
    """How far each signal is on the way to an alert; at 1 it is there.

    An alert wants distance and evidence: the smaller of the two, each as a share of its
    threshold.
    """
    distance, evidence = _of_threshold("distance"), _of_threshold("nats")
    return f"sort_desc({distance} <= {evidence} or {evidence})"


def _of_threshold(figure: str) -> str:
    value = f"max by (signal) ({select(f'signal:credit_drift:{figure}${{window}}')})"
    threshold = f"credit_drift:{figure}:threshold"
    return f"clamp_min({value}, 0) / on () group_left () {threshold}"
