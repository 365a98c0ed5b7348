"""Writes prometheus/rules from prometheus/templates.

make rules
make rules ARGS="--runbook-url https://wiki/runbook --grafana-url https://grafana"

A template is a rules file with `[[ expressions ]]`, `[% statements %]` and
`[# notes #]` of Jinja2, so that neither PromQL nor the templates of alerts need
escapes. What repeats is here: the labels of replicas, the banks of the
evidence, and where links lead to.
"""

import argparse
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
RULES = HERE / "rules"

# Labels that service discovery adds and that differ between replicas, and, last, those
# that rules give their results: on targets, two of their values would lead to the same
# series twice, and the rule would fail for every model. Rules sum over them, and keep
# every other label of a target: job, cluster, namespace, service, ...
REPLICA_LABELS = (
    "instance",
    "pod",
    "container",
    "container_id",
    "endpoint",
    "node",
    "host",
    "severity",
    "direction",
    "member",
)
# Labels that differ between sites. Each query of an alert's text matches all of them:
# one that the alert does not have matches series without it.
SITE_LABELS = ("job", "cluster", "namespace", "service")
# A target: its metrics match `up` by these, although they have labels of their own.
TARGET_LABELS = (*SITE_LABELS, "instance")
# The groups of these rules. Prometheus' own metrics name each `FILE;GROUP`.
GROUPS = (
    "model-thresholds",
    "model-reference",
    "model-drift",
    "model-statistics",
    "model-state",
    "model-targets",
    "model-service",
    "model-monitor",
    "model-monitor-targets",
)


@dataclass(frozen=True, slots=True)
class Member:
    """One bet of a bank: the odds of a cell are e^`exponent` times the tolerated ones.

    On a rise of the cell's share if `exponent` is positive, on a fall if it is
    negative; an infinite one bets on nothing but this cell. For every cell with room
    beyond its edge of which the role and the kind match `roles` (any, by default) and
    `kinds`.
    """

    exponent: float
    kinds: str
    roles: str = ""

    @property
    def name(self) -> str:
        """The value of the label `member`."""
        return "all" if math.isinf(self.exponent) else f"{self.exponent:g}"

    @property
    def odds(self) -> str:
        """e^exponent - 1, to six decimals."""
        return f"{math.exp(self.exponent) - 1:.6f}"

    @property
    def cells(self) -> str:
        """A selector of its cells."""
        return self._selector(self.kinds)

    @property
    def totals(self) -> str:
        """A selector of the cells that count all observations of their signals."""
        return self._selector('kind="all"')

    @property
    def signals(self) -> str:
        """A selector of their signals."""
        return self._selector("")

    def _selector(self, kinds: str) -> str:
        matchers = ",".join(filter(None, (self.roles, kinds)))
        return f"{{{matchers}}}" if matchers else ""


_CATEGORIES = 'kind="category"'
_RANGES = 'kind=~"category|below|middle"'
_DECISION = 'role="decision"'
_COMMON = 'role=~"decision|score|input"'
# Refused and unusual values are close to 0 in the reference, and multiply in a drift.
_RARE = 'role=~"decision|validity|range"'

# Three sizes for decisions, two for scores and inputs, one for segments and buckets:
# with more of them, no simulated shift was found sooner.
DRIFT_BANK = (
    Member(0.2, _RANGES, _COMMON),
    Member(0.7, 'kind!="all"'),
    Member(2.5, _CATEGORIES, _RARE),
    Member(-0.2, _RANGES, _COMMON),
    Member(-0.7, _RANGES, _COMMON),
    Member(-2.5, _CATEGORIES, _DECISION),
    Member(math.inf, _CATEGORIES, _DECISION),
)
CRITICAL_BANK = tuple(
    Member(exponent, _CATEGORIES, _DECISION) for exponent in (0.3, 1.2, -0.3, -1.2)
)


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of alerts begin; None: at external labels, if there are any.

    Prometheus adds external labels to alerts, so prometheus.yml drops these two again
    (alert_relabel_configs).
    """

    runbook: str | None = None
    grafana: str | None = None

    def runbook_url(self, alert: str) -> str:
        """The annotation `runbook_url` of an alert."""
        return self._link("runbook_url", self.runbook, f"#{alert.lower()}")

    def dashboard_url(self, board: str, *labels: str) -> str:
        """The annotation `dashboard_url`; `labels` of the alert set variables."""
        variables = {"model": "var-model", "model_version": "var-version"}
        values = "&".join(
            f"{variables[label]}={{{{ urlquery $labels.{label} }}}}" for label in labels
        )
        path = f"/d/{board}" + (f"?{values}" if values else "")
        return self._link("grafana_url", self.grafana, path)

    @staticmethod
    def _link(label: str, base: str | None, rest: str) -> str:
        if base is not None:
            return base.rstrip("/") + rest
        # Where the label is not set there is no link, rather than a broken one.
        return f"{{{{ with $externalLabels.{label} }}}}{{{{ . }}}}{rest}{{{{ end }}}}"


def generate(links: Links | None = None) -> Iterator[tuple[str, str]]:
    """The name and the text of each rules file.

    Raises `jinja2.TemplateError` for a template that is wrong.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        # It writes YAML, not HTML, from templates of our own.
        autoescape=False,  # noqa: S701  # nosec B701
    )
    environment.globals |= {
        "replica": ", ".join(REPLICA_LABELS),
        "site_labels": SITE_LABELS,
        "target": ", ".join(TARGET_LABELS),
        "our_groups": f".+;({'|'.join(GROUPS)})",
        "drift_bank": DRIFT_BANK,
        "critical_bank": CRITICAL_BANK,
        "links_to": links or Links(),
        "thresholds": re.findall(
            "- record: (.+)", (TEMPLATES / "thresholds.yml").read_text(encoding="utf-8")
        ),
    }
    for template in sorted(TEMPLATES.glob("*.yml")):
        text = environment.get_template(template.name).render().strip()
        source = f"prometheus/templates/{template.name}"
        yield template.name, f"# Written by `make rules` from {source}.\n{text}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the files, and removes those without a template."""
    parser = argparse.ArgumentParser(prog="generate_rules.py")
    parser.add_argument("--runbook-url", help="by default, an external label")
    parser.add_argument("--grafana-url", help="by default, an external label")
    options = parser.parse_args(arguments)
    files = dict(generate(Links(options.runbook_url, options.grafana_url)))
    for old in RULES.glob("*.yml"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (RULES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
