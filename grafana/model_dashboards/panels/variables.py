"""The variables of the dashboards: what a viewer chooses."""

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from .common import PROMETHEUS
from .promql import DISTRIBUTIONS, VERSION

# "All" of a variable: Grafana's own value of it.
ALL = models.VariableOption(selected=True, text="All", value="$__all")
# Matches every site: each target has a job.
ANY_SITE = 'job=~".*"'
UP, DOWN = models.VariableSort.NATURAL_ASC, models.VariableSort.NATURAL_DESC
MODELS = 'model:model_applications:increase{model="$model",model_version="$version"}'


def source() -> dashboard.DatasourceVariable:
    """The Prometheus that is queried."""
    variable = dashboard.DatasourceVariable("datasource")
    return variable.label("Data source").type("prometheus")


def model() -> dashboard.QueryVariable:
    """The model."""
    return of_label("model", "Model", "model_info", "model", UP)


def version() -> dashboard.QueryVariable:
    """The version of the model; the newest one is first."""
    metric = 'model_info{model="$model"}'
    return of_label("version", "Version", metric, "model_version", DOWN)


def compare() -> dashboard.QueryVariable:
    """The version that `version` is compared with; the oldest one is first."""
    metric = 'model_info{model="$model"}'
    return of_label("compare", "Compare with", metric, "model_version", UP)


def site(models_there: str = MODELS) -> dashboard.QueryVariable:
    """Where the model runs, as a list of matchers; all sites together by default.

    They have all labels of the targets, such as job, cluster and namespace, but for
    those that differ between replicas.
    """
    query = f"query_result(count without (model, model_version) ({models_there}))"
    return (
        of_query("site", "Site", query, UP)
        .regex(r"/\{(.+)\}/")
        .include_all(True)
        .all_value(ANY_SITE)
        .current(ALL)
    )


def signal() -> dashboard.QueryVariable:
    """Signals whose distributions are shown, the one nearest to an alarm first.

    They are sorted when the dashboard is loaded. At each refresh, panels would change
    places while they are read.
    """
    spent = f"signal:model_drift:spent_ratio{{{DISTRIBUTIONS},{VERSION}}}"
    query = f"query_result(sort_desc(max by (signal) ({spent})))"
    return (
        of_query("signal", "Signal", query, models.VariableSort.DISABLED)
        .regex('/signal="([^"]+)"/')
        .multi(True)
        .include_all(True)
        .current(ALL)
        .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
    )


def segments() -> dashboard.QueryVariable:
    """The signals that have the decisions of each segment. Panels repeat by it."""
    metric = f'model_signal_info{{role="segment",{VERSION}}}'
    return (
        of_label("segments", "Segments", metric, "signal", UP)
        .hide(models.VariableHide.HIDE_VARIABLE)
        .multi(True)
        .include_all(True)
        .current(ALL)
    )


def time_range() -> dashboard.CustomVariable:
    """How long back the observations go that shares are computed from."""
    first = models.VariableOption(selected=True, text="1m", value="1m")
    variable = dashboard.CustomVariable("range").label("Shares over")
    return variable.values("1m,5m,15m,1h,6h,1d").current(first)


def runbook() -> dashboard.QueryVariable:
    """The URL of the runbook, which only the configuration of Prometheus knows.

    Files of dashboards read no environment. The watchdog has the URL as a label.
    """
    watchdog = 'ALERTS{alertname="MonitorWatchdog"}'
    unsorted = models.VariableSort.DISABLED
    variable = of_label("runbook", "Runbook", watchdog, "runbook_url", unsorted)
    return variable.hide(models.VariableHide.HIDE_VARIABLE)


def of_label(
    name: str, title: str, metric: str, label: str, order: models.VariableSort
) -> dashboard.QueryVariable:
    """A variable whose values are those of a label of `metric`."""
    return of_query(name, title, f"label_values({metric}, {label})", order)


def of_query(
    name: str, title: str, query: str, order: models.VariableSort
) -> dashboard.QueryVariable:
    """A variable whose values are the results of `query`."""
    return (
        dashboard.QueryVariable(name)
        .label(title)
        .datasource(PROMETHEUS)
        .query(query)
        .definition(query)
        .sort(order)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    )
