"""How long single steps take: a decision, a scrape, the rules, a notification."""

import time
from collections.abc import Mapping
from statistics import median

from stack.process import local
from stack.system import Stack

DECISIONS = 50
APPLICATION = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}
ALL_RULES = "all rules, one group after the other"
# Over the last half minute, in seconds.
SCRAPE = 'quantile_over_time(0.5, scrape_duration_seconds{job="credit-analyzer"}[30s])'
RULES = """
sum by (rule_group) (
  quantile_over_time(0.5, prometheus_rule_group_last_duration_seconds[30s])
)
"""
NOTIFICATION = """
sum(increase(alertmanager_notification_latency_seconds_sum{integration="webhook"}[30s]))
/
sum(increase(alertmanager_notification_latency_seconds_count{integration="webhook"}[30s]))
"""


def durations(stack: Stack) -> Mapping[str, float]:
    """In seconds, by what takes them; the rules of each group, and of all together."""
    found = {
        "one decision over HTTP": _decision(stack),
        "one scrape of the analyzer": _value(stack, SCRAPE),
        "one notification, until the receiver has stored it": _value(
            stack, NOTIFICATION
        ),
    }
    rules = {
        group["metric"]["rule_group"].rpartition(";")[2]: float(group["value"][1])
        for group in stack.query(RULES)
    }
    found[ALL_RULES] = sum(rules.values())
    for name, taken in rules.items():
        found[f"rules `{name}`"] = taken
    return found


def _decision(stack: Stack) -> float:
    url = stack.url("credit-analyzer:8000") + "/api/v1/credit-analyzer/"
    taken = []
    with local() as session:
        for _ in range(DECISIONS):
            began = time.perf_counter()
            session.post(url, json=APPLICATION, timeout=5).raise_for_status()
            taken.append(time.perf_counter() - began)
    return median(taken)


def _value(stack: Stack, promql: str) -> float:
    [sample] = stack.query(promql)
    return float(sample["value"][1])
