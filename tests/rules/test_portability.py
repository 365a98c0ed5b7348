"""Every alert at every interval, with the labels that service discovery adds."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from .values import expanded, resampled

pytestmark = pytest.mark.slow

FILES = [
    Path(__file__).parent / f"{name}.test.yml"
    for name in ("state", "service", "monitor")
]
INTERVALS = (1, 5, 15, 30, 60)
# The groups in these files have intervals of their own, and this is the shortest.
# promtool knows none of them, so it is not to evaluate more often.
SHORTEST_GROUP = 15
SITES = ({"cluster": "a", "namespace": "n"}, {"cluster": "b", "namespace": "n"})
REPLICA = {
    "pod": "p-1",
    "container": "c",
    "container_id": "docker://1",
    "endpoint": "metrics",
    "node": "node-1",
    "host": "host-1",
}
SECONDS = {"s": 1, "m": 60, "h": 3600}


def cases(file):
    """A file of cases, all values as text: for YAML, promtool's 0x60 is a number."""
    return yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506 - ours, and no objects


def seconds(duration):
    parts = re.findall(r"(\d+)([smh])", duration)
    return sum(int(number) * SECONDS[unit] for number, unit in parts)


def rule_groups(file):
    """The groups of the rules files that a file of cases names, but for thresholds."""
    paths = [(file.parent / path).resolve() for path in cases(file)["rule_files"]]
    return [
        group
        for path in paths
        if path.name != "thresholds.yml"
        for group in yaml.safe_load(path.read_text())["groups"]
    ]


def thresholds(end):
    """Thresholds as series: evaluating them would take longer than the rest."""
    path = Path(__file__).parents[2] / "prometheus" / "rules" / "thresholds.yml"
    [group] = yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]:
        [product] = re.findall(r"vector\((.*)\)", rule["expr"])
        value = 1.0
        for factor in product.split("*"):
            value *= float(factor)
        yield {"series": rule["record"], "values": f"{value}x{end}"}


def labelled(series, site):
    """A series with the labels of a site and, if it is scraped, of a replica."""
    name, _, labels = series.partition("{")
    more = site if ":" in name else {**site, **REPLICA}
    added = "".join(f',{label}="{value}"' for label, value in more.items())
    return f"{name}{{{labels[:-1]}{added}}}"


def variant(test, interval, sites, groups):
    """A test as it is with another interval, and in several sites at once."""
    old = seconds(test["interval"])
    alerts = test["alert_rule_test"]
    names = {alert["alertname"] for alert in alerts}
    end = max(seconds(alert["eval_time"]) for alert in alerts)
    series = [
        {
            "series": labelled(one["series"], site) if site else one["series"],
            "values": resampled(one["values"], old, interval),
        }
        for one in test["input_series"]
        for site in sites
    ]
    return {
        "rules": [
            {
                "name": group["name"],
                "rules": [
                    r for r in group["rules"] if r.get("alert", "") in {"", *names}
                ],
            }
            for group in groups
        ],
        "test": {
            "name": f"{test['name']}, every {interval} s",
            "interval": f"{interval}s",
            "input_series": [*series, *thresholds(end // interval)],
            "promql_expr_test": [
                check for alert in alerts for check in checks(alert, sites)
            ],
        },
    }


def checks(alert, sites):
    """That the alert fires as often as is expected, with the labels that it has."""
    firing = f'ALERTS{{alertname="{alert["alertname"]}",alertstate="firing"}}'
    expected = alert.get("exp_alerts") or []
    counts = {f"count({firing}) or vector(0)": len(expected) * len(sites)}
    for one in expected:
        for site in sites:
            replica = REPLICA if site and "instance" in one["exp_labels"] else {}
            labels = one["exp_labels"] | site | replica
            matchers = ",".join(f'{k}="{v}"' for k, v in labels.items())
            counts[f"count({firing[:-1]},{matchers}}})"] = 1
    for expression, number in counts.items():
        yield {
            "expr": expression,
            "eval_time": alert["eval_time"],
            "exp_samples": [{"labels": "{}", "value": number}],
        }


def failure(promtool, folder, name, one, interval):
    """What promtool says of a variant, or nothing if it passes."""
    rules, tests = folder / f"{name}.rules.yml", folder / f"{name}.test.yml"
    rules.write_text(yaml.safe_dump({"groups": one["rules"]}, width=1_000_000))
    document = {
        "rule_files": [rules.name],
        "evaluation_interval": f"{max(interval, SHORTEST_GROUP)}s",
        "group_eval_order": [group["name"] for group in one["rules"]],
        "tests": [one["test"]],
    }
    tests.write_text(yaml.safe_dump(document, width=1_000_000))
    done = subprocess.run(
        [promtool, "test", "rules", tests],
        capture_output=True,
        text=True,
        env=os.environ | {"GOGC": "800"},
    )
    return (done.stdout + done.stderr) if done.returncode else ""


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_alerts_are_the_same_at_any_interval_and_in_two_sites(
    promtool, tmp_path, file, interval
):
    groups = rule_groups(file)
    tests = cases(file)["tests"]
    variants = [
        variant(test, interval, SITES, groups)
        for test in tests
        if "alert_rule_test" in test and test["input_series"]
    ]
    with ThreadPoolExecutor(2) as pool:
        failures = pool.map(
            lambda pair: failure(promtool, tmp_path, *pair, interval),
            enumerate(variants),
        )
        if text := "".join(failures):
            pytest.fail(text)


def test_each_group_has_an_interval_of_its_own():
    intervals = [group["interval"] for file in FILES for group in rule_groups(file)]
    assert min(map(seconds, intervals)) == SHORTEST_GROUP


def test_values_are_those_that_promtool_reads():
    assert expanded("1+2x2 _x2 stale 3x1 -1-1x1") == [
        *("1", "3", "5", "_", "_", "stale", "3", "3", "-1", "-2"),
    ]
    assert resampled("0+3x3", 15, 5) == "0 0 0 3 3 3 6 6 6 9"
    assert resampled("0+3x4", 15, 30) == "0 6 12"
    assert resampled("1x2 stale _x3 7", 15, 60) == "1 stale"
    assert resampled("1x1 stale", 15, 60) == "1 stale"
