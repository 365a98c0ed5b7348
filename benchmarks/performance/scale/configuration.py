"""The shipped configuration and rules, for many models and for slower scrapes."""

import re
import shutil
from pathlib import Path

from stack import configuration

from .fleet import name

ROOT = configuration.ROOT
RULES = ROOT / "prometheus" / "rules"
OTHERS = (
    "loan-application-simulator:8002",
    "alertmanager:9093",
    "webhook-receiver:8080",
)
# Where the rules or the configuration say how often.
INTERVAL = re.compile(r"(interval: |timeout: )(\d+)([sm])$", re.MULTILINE)


def write(
    folder: Path, models: int, seconds: int, exporter: str, own: str, rules: Path
) -> Path:
    """Writes prometheus.yml and its rules into `folder`; returns the former's path.

    One target for each model, as in production. Everything that is done every second
    is done every `seconds`, and all else as much more slowly. `exporter` is the address
    of the exporter, which is also Alertmanager and everything else; `own` that of
    Prometheus.
    """
    shutil.copytree(rules, folder / "rules")
    for file in (folder / "rules").glob("*.yml"):
        file.write_text(slower(file.read_text(), seconds))
    targets = "".join(
        f'      - targets: ["{exporter}"]\n'
        f'        labels: {{ __metrics_path__: /{model}, instance: "{name(model)}" }}\n'
        for model in range(models)
    )
    text = configuration.localized(
        ROOT / "prometheus" / "prometheus.yml",
        {
            configuration.DISCOVERY: f"    static_configs:\n{targets}",
            "prometheus:9090": own,
            "rules/": f"{folder / 'rules'}/",
            **dict.fromkeys(OTHERS, exporter),
        },
    )
    config = folder / "prometheus.yml"
    config.write_text(slower(text, seconds))
    return config


def slower(text: str, seconds: int) -> str:
    """`text` with every interval `seconds` times as long."""
    return INTERVAL.sub(lambda m: f"{m[1]}{int(m[2]) * seconds}{m[3]}", text)
