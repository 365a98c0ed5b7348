"""PromQL that panels share. `$model`, `$range`, ... are variables of the dashboards.

Everything about a model comes from labels: a signal is a value of `signal`, its cells
(categories, ranges of numbers) are values of `category`. `${site:raw}` is a list of
matchers, such as `cluster="eu",job="scoring"` (variables.py).
"""

VERSION = 'model="$model",model_version="$version",${site:raw}'
COMPARED = 'model="$model",model_version="$compare",${site:raw}'

# Signals with a distribution to compare with the reference.
DISTRIBUTIONS = 'role=~"decision|score|input"'
# Cells that add up to all observations of a signal.
PARTITION = 'kind=~"category|bucket"'
# Categories; of numbers, cumulative shares, and the shares of the middle.
MOVING = 'kind=~"category|below|middle"'

SIGNAL = "signal, segment"
CELL = f"{SIGNAL}, kind, category"
# The labels that distinguish services, in the order of a name.
SERVICE = ("cluster", "namespace", "service", "job")
SERVICE_LABELS = ", ".join(SERVICE)

# Alerts about the model, and about the services that decide with it. Info is context.
_FIRING = 'ALERTS{alertstate="firing",severity!="info"'
MODEL_ALERTS = (
    f'({_FIRING},alertname=~"Model.+",model="$model",'
    'model_version=~"$version|",${site:raw}}'
    f' or {_FIRING},alertname=~"ModelService.+",${{site:raw}}}}'
    f" and on ({SERVICE_LABELS}) model:model_applications:increase{{{VERSION}}})"
)
MONITOR_ALERTS = f'{_FIRING},alertname=~"Monitor.+"}}'
SERVICE_ALERTS = f'({_FIRING},alertname=~"ModelService.+"}} or {MONITOR_ALERTS})'


def firing_since(alerts: str) -> str:
    """When each of `alerts` became active, in milliseconds since 1970."""
    labels = f"alertname, signal, segment, direction, severity, {SERVICE_LABELS}"
    since = f"ALERTS_FOR_STATE and ignoring (alertstate) {alerts}"
    return f"sort_desc(1000 * max by ({labels}) ({since}))"


def reference(cells: str, version: str = VERSION) -> str:
    """Shares of cells in the reference, in [0, 1]."""
    return f"avg by ({CELL}) (model_cells_reference_ratio{{{cells},{version}}})"


def observed(cells: str, signals: str, version: str = VERSION) -> str:
    """Shares of cells among the observations of the chosen range, in [0, 1]."""
    counts = (
        f"sum by ({CELL}) (increase(model_cells_total{{{cells},{version}}}[$range]))"
    )
    return (
        f"{counts} / on ({SIGNAL}) group_left () ({observations(signals, version)} > 0)"
    )


def observations(signals: str, version: str = VERSION) -> str:
    """How many observations of each signal the chosen range has."""
    counts = f'increase(model_cells_total{{{signals},kind="all",{version}}}[$range])'
    return f"sum by ({SIGNAL}) ({counts})"


def tolerance(signals: str) -> str:
    """How far shares of each signal may be off: as on the card, or the default."""
    card = f"model_signal_tolerance_ratio{{{signals},{VERSION}}}"
    every = f'model_cells_reference_ratio{{{signals},kind="all",{VERSION}}}'
    return (
        f"(max by ({SIGNAL}) ({card}) or 0 * max by ({SIGNAL}) ({every})"
        " + scalar(default:model_signal:tolerance_ratio))"
    )


def tolerated_most(cells: str, signals: str) -> str:
    """The largest share of each cell that is tolerated."""
    within = f"+ on ({SIGNAL}) group_left () {tolerance(signals)}"
    return f"clamp_max({reference(cells)} {within}, 1)"


def tolerated_least(cells: str, signals: str) -> str:
    """The smallest share of each cell that is tolerated."""
    within = f"- on ({SIGNAL}) group_left () {tolerance(signals)}"
    return f"clamp_min({reference(cells)} {within}, 0)"


def moved_most(signals: str) -> str:
    """Of each signal, the cell whose share is furthest from the reference: how far."""
    cells = f"{signals},{MOVING}"
    distance = f"{observed(cells, signals)} - on ({CELL}) {reference(cells)}"
    return f"topk by ({SIGNAL}) (1, abs({distance}))"


def spent(signals: str) -> str:
    """The part of its false-alarm budget that each signal has spent; 1 is an alarm.

    What is less than 1e-9 is shown as 1e-9: healthy signals go down to 1e-300.
    """
    recorded = f"signal:model_drift:spent_ratio{{{signals},{VERSION}}}"
    return f"clamp_min(max by ({SIGNAL}) ({recorded}), 1e-9)"


def named(signals: str) -> str:
    """`signals` with a label `name`: the signal, and its segment if it has one."""
    joined = f'label_join({signals}, "name", " ", "signal", "segment")'
    return f'label_replace({joined}, "name", "$1", "name", "(.+) ")'


def with_unit(cells: str) -> str:
    """`cells` with a label `cell`: the category, with the unit of numbers."""
    unit = f"group by (signal, unit) (model_signal_info{{{VERSION}}})"
    joined = f"{cells} * on (signal) group_left (unit) {unit}"
    text = f'label_join({joined}, "cell", " ", "category", "unit")'
    return f'label_replace({text}, "cell", "$1", "cell", "(.+) ")'


def in_order(cells: str) -> str:
    """`cells` with a label `order`: of a range of numbers, its upper edge."""
    edge = (
        f'label_replace({cells}, "order", "$1", "category", "(?:at most|.+ to) (.+)")'
    )
    return f'label_replace({edge}, "order", "1e300", "category", "above .+")'


def by_service(series: str) -> str:
    """`series` with a label `name`: of the service, from the labels that it has."""
    labels = ", ".join(f'"{label}"' for label in SERVICE)
    joined = f'label_join({series}, "name", " ", {labels})'
    return f'label_replace({joined}, "name", "$1", "name", " *(.*)")'
