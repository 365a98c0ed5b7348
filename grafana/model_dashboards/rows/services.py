"""The services that decide with models: whether they answer, and in time.

They are selected by what they export (model_info), not by the name of a job.
"""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.promql import SERVICE_ALERTS, SERVICE_LABELS, by_service
from ..panels.series import limit, line, lines
from ..panels.tables import Column, listing
from .glance import firing_alerts

SITE = "${site:raw}"
# Targets that export a model, with the labels that `up` has.
DECIDING = f"replica:model_info:count{{{SITE}}}"
# Targets of the model services and of the monitor, also those that are down.
TARGETS = "(replica:model_info:known or replica:monitor:known)"
UNKNOWN = "Targets are known a minute after the start of Prometheus."
NO_HTTP = "No model service exports flask_http_*."


def panels() -> list[Builder[Panel]]:
    """Alerts and targets, then traffic, errors, latency and saturation."""
    return [
        firing_alerts(
            About(
                id=1,
                title="What fires, and since when",
                unit="none",
                width=10,
                runbook="ModelServiceDown",
                empty="No alert fires.",
                description="""
                    The alerts about model services and the monitor; the newest is
                    first. The dashboard of a model has the alerts about that model. The
                    runbook has a section for each alert, by its name.
                """,
            ),
            SERVICE_ALERTS,
        ),
        _targets(),
        _requests(),
        _errors(),
        _latency(),
        _processors(),
        _memory(),
    ]


def _targets() -> Builder[Panel]:
    about = About(
        id=2,
        title="Is each target scraped?",
        unit="none",
        width=14,
        runbook="ModelServiceDown",
        empty=UNKNOWN,
        description="""
            Every replica of a model service and every part of the monitor; what is down
            is first. A target that is down is not watched: see whether it runs, and
            read its log. If a scrape takes nearly as long as the interval, the process
            or the machine is overloaded. If a process has started without a deployment,
            it has crashed.
        """,
    )
    failed = "1 - avg_over_time(up[3m])"
    started = "1000 * process_start_time_seconds"
    return listing(
        about,
        "target",
        [
            f"sort({_by_target('up')})",
            _value_by_target(failed),
            _value_by_target("scrape_duration_seconds"),
            _value_by_target(started),
        ],
        {
            "job": Column("job"),
            "instance": Column("instance"),
            "Value #A": Column(
                "state", texts=(("0", "down", "red"), ("1", "up", "green"))
            ),
            "Value #B": Column(
                "scrapes failed (3 min)",
                "percentunit",
                colours=((None, "text"), (0.34, "red")),
            ),
            "Value #C": Column("a scrape takes", "s"),
            "Value #D": Column("started", "dateTimeFromNow"),
        },
    )


def _by_target(figure: str) -> str:
    """`figure` of each target, with a label `target`."""
    of_targets = f"max by (job, instance) ({figure} and {TARGETS})"
    return f'label_join({of_targets}, "target", " ", "job", "instance")'


def _value_by_target(figure: str) -> str:
    """The same without other labels, which would be columns once more."""
    return f"max by (target) ({_by_target(figure)})"


def _requests() -> Builder[Panel]:
    about = About(
        id=3,
        title="Requests, by status",
        unit="reqps",
        width=8,
        runbook="ModelServiceIdle",
        empty=NO_HTTP,
        description="""
            Responses a second. 200 is decided, 4xx is refused with a reason, 5xx is a
            failure. If there are none, send a request from where the callers are.
        """,
    )
    requests = _deciding("flask_http_request_total[$__rate_interval]", "method, status")
    rate = by_service(f"sum by ({SERVICE_LABELS}, status) ({requests})")
    return lines(about, line(rate, "{{name}} {{status}}"))


def _errors() -> Builder[Panel]:
    about = About(
        id=4,
        title="Requests that failed",
        unit="percentunit",
        width=8,
        runbook="ModelServiceErrors",
        empty=f"{UNKNOWN} {NO_HTTP}",
        description="""
            The share of the requests of five minutes with a status of 5xx. Above the
            threshold an alert fires, because applications are not decided: read the
            log, and roll back what was deployed last.
        """,
    )
    requests = f"service:http_requests:increase5m{{{SITE}}}"
    errors = f"service:http_request_errors:increase5m{{{SITE}}}"
    share = f"({errors} or 0 * {requests}) / ({requests} > 0)"
    return lines(
        about,
        line(by_service(f"max by ({SERVICE_LABELS}) ({share})"), "{{name}}"),
        limit("threshold:http_requests:error_ratio", "threshold"),
    )


def _latency() -> Builder[Panel]:
    about = About(
        id=5,
        title="Latency",
        unit="s",
        width=8,
        runbook="ModelServiceSlow",
        empty=NO_HTTP,
        description="""
            In which time half of the requests are answered (p50), and 99 of a hundred
            of the last five minutes (p99). A p99 above the threshold for a minute is an
            alert. If the processor is busy as well, add replicas.
        """,
    )
    buckets = _deciding(
        "flask_http_request_duration_seconds_bucket[$__rate_interval]",
        "method, url_rule, status, le",
    )
    half = f"histogram_quantile(0.5, sum by ({SERVICE_LABELS}, le) ({buckets})) >= 0"
    p99 = f"service:http_request_duration_seconds:p99{{{SITE}}}"
    return lines(
        about,
        line(by_service(f"({half})"), "{{name}} p50"),
        line(by_service(f"max by ({SERVICE_LABELS}) ({p99})"), "{{name}} p99"),
        limit("threshold:http_requests:duration_seconds", "threshold"),
    )


def _deciding(counter: str, labels: str) -> str:
    """The rate of a counter of the targets that export a model."""
    metric, _, interval = counter.partition("[")
    rate = f"rate({metric}{{{SITE}}}[{interval})"
    return f"{rate} and ignoring ({labels}) {DECIDING}"


def _processors() -> Builder[Panel]:
    about = About(
        id=6,
        title="Processors in use",
        unit="percentunit",
        width=12,
        runbook="ModelServiceSlow",
        empty=UNKNOWN,
        description="""
            Of the busiest replica; 100 % is one processor. A Python process can use no
            more than that: near it requests wait, and the service needs another
            replica. Prometheus can use more; if it does not get it, rules are late.
        """,
    )
    used = f"rate(process_cpu_seconds_total[$__rate_interval]) and {TARGETS}"
    return lines(
        about, line(by_service(f"max by ({SERVICE_LABELS}) ({used})"), "{{name}}")
    )


def _memory() -> Builder[Panel]:
    about = About(
        id=7,
        title="Memory",
        unit="bytes",
        width=12,
        runbook="ModelServiceRestarting",
        empty=UNKNOWN,
        description="""
            Resident memory of the largest replica. A line that only rises is a leak,
            and ends in a restart: find the deployment since which it rises.
        """,
    )
    used = f"process_resident_memory_bytes and {TARGETS}"
    return lines(
        about, line(by_service(f"max by ({SERVICE_LABELS}) ({used})"), "{{name}}")
    )
