"""The analyzer as a service: traffic, errors, latency, saturation, restarts."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .series import line, lines, now, number, steps

BUCKETS = "job_le:flask_http_request_duration_seconds_bucket:rate1m"


def panels() -> list[Builder[Panel]]:
    """The four golden signals, after whether it is there at all."""
    return [_up(), _traffic(), _errors(), _latency(), _processor(), _memory(), _age()]


def _up() -> Builder[Panel]:
    about = About(
        id=1,
        title="Analyzers",
        unit="short",
        width=4,
        runbook="CreditAnalyzerDown",
        description="""
            How many analyzers Prometheus knows of, and how many of them it can scrape.
            If the two differ, or both are none, look at the logs of the container.
        """,
    )
    job = 'up{job="credit-analyzer"}'
    return number(
        about,
        steps((None, "red"), (1, "green")),
        now(f"count({job}) or vector(0)", "known"),
        now(f"sum({job}) or vector(0)", "up"),
    )


def _traffic() -> Builder[Panel]:
    about = About(
        id=2,
        title="Requests, by status",
        unit="reqps",
        width=10,
        runbook="CreditAnalyzerIdle",
        description="""
            Answers a second. 200 is decided, 4xx refused with a reason, 5xx failed.
            Nothing at all: nobody applies, or the way to the analyzer is cut.
        """,
    )
    requests = 'rate(flask_http_request_total{job="credit-analyzer"}[$__rate_interval])'
    return lines(about, line(f"sum by (status) ({requests})", "{{status}}"))


def _errors() -> Builder[Panel]:
    about = About(
        id=3,
        title="Failed requests",
        unit="percentunit",
        width=10,
        runbook="CreditAnalyzerErrors",
        description="""
            The share of the last minute's requests that failed with a server error.
            Above the threshold applications are not decided: look at the log of the
            analyzer, and roll back if a rollout was the last thing that happened.
        """,
    )
    none = "0 * job:flask_http_request:rate1m"
    return lines(
        about,
        line(f"job:flask_http_request_errors:ratio_rate1m or {none}", "{{job}}"),
        line("credit_requests:error_ratio:threshold", "alert threshold"),
    )


def _latency() -> Builder[Panel]:
    about = About(
        id=4,
        title="Latency",
        unit="s",
        width=12,
        runbook="CreditAnalyzerSlow",
        description="""
            In which time half, 90 and 99 of a hundred requests of the last minute were
            answered. A 99th percentile above the objective for a minute is an alert. If
            the processor is busy as well, more replicas help.
        """,
    )
    some = "and job:flask_http_request:rate1m > 0"
    return lines(
        about,
        line(f"histogram_quantile(0.5, {BUCKETS}) {some}", "half"),
        line(f"histogram_quantile(0.9, {BUCKETS}) {some}", "90 %"),
        line("job:flask_http_request_duration_seconds:p99_rate1m", "99 %"),
        line("credit_requests:duration_seconds:objective", "objective"),
    )


def _processor() -> Builder[Panel]:
    about = About(
        id=5,
        title="Processors in use",
        unit="percentunit",
        width=12,
        runbook="CreditAnalyzerSlow",
        description="""
            100 % is one processor. The analyzer is one Python process, which can use no
            more than that: near it requests wait, and it needs another replica. The
            monitor's own processes are here too, because they share the machine.
        """,
    )
    used = "sum by (job) (rate(process_cpu_seconds_total[$__rate_interval]))"
    return lines(about, line(used, "{{job}}"))


def _memory() -> Builder[Panel]:
    about = About(
        id=6,
        title="Memory",
        unit="bytes",
        width=12,
        runbook="CreditAnalyzerDown",
        description="""
            Resident memory of each process. A line that only rises is a leak, and ends
            in a restart.
        """,
    )
    return lines(about, line("sum by (job) (process_resident_memory_bytes)", "{{job}}"))


def _age() -> Builder[Panel]:
    about = About(
        id=7,
        title="Time since the start of each process",
        unit="s",
        width=12,
        runbook="CreditAnalyzerDown",
        description="""
            Rises by itself; where it falls to nothing, a process was restarted. More
            than one fall in a row is a process that crashes at its start.
        """,
    )
    age = "time() - max by (job) (process_start_time_seconds)"
    return lines(about, line(age, "{{job}}"))
