"""What Docker Compose starts, and the files it mounts, with local addresses."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]

# How replicas of the analyzer are found. The processes of one machine are in no DNS.
DISCOVERY = """\
    dns_sd_configs:
      - { names: [credit-analyzer], type: A, port: 8001, refresh_interval: 1s }
"""
STATIC = """\
    static_configs:
      - targets: ["{}"]
"""


def command(service: str, local: Mapping[str, object]) -> list[str]:
    """The `command` of a service in `docker-compose.yml`, with the values of `local`.

    The keys of `local` are options: paths and addresses, which are others here. Raises
    `ValueError` for an option that is not there, and for a variable that is not
    replaced: then the two have drifted apart.
    """
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    words = compose["services"][service]["command"]
    if missing := local.keys() - {word.partition("=")[0] for word in words}:
        raise ValueError(f"Compose starts {service} without {', '.join(missing)}")
    return list(_filled(words, local))


def _filled(words: list[str], local: Mapping[str, object]) -> Iterator[str]:
    for word in words:
        option, equals, value = word.partition("=")
        if option in local:
            yield f"{option}={local[option]}"
        elif "$" in value:
            raise ValueError(f"there is no local value for {word}")
        else:
            yield f"{option}{equals}{value}"


def localized(source: Path, replacements: Mapping[str, str]) -> str:
    """The text of `source` with every key of `replacements` replaced by its value.

    Raises `ValueError` for a key that does not occur: then the two have drifted apart.
    """
    text = source.read_text(encoding="utf-8")
    for name, local in replacements.items():
        if name not in text:
            raise ValueError(f"{source} does not mention {name}")
        text = text.replace(name, local)
    return text


def prometheus(
    addresses: Mapping[str, str], further: Mapping[str, str] | None = None
) -> str:
    """`prometheus.yml`, for targets at `addresses` (by their address in Compose).

    `further` are targets that Compose does not have, by the name of their job. There is
    no Grafana here: an alert's link to it has no address.
    """
    targets = dict(addresses)
    if analyzer := targets.pop("credit-analyzer:8001", None):
        targets[DISCOVERY] = STATIC.format(analyzer)
    rules = ROOT / "prometheus" / "rules"
    receiver = addresses.get("webhook-receiver:8080", "127.0.0.1:8080")
    links = {
        "${GRAFANA_URL}": "",
        "${RUNBOOK_URL}": f"http://{receiver}/runbook",
    }
    text = localized(
        ROOT / "prometheus" / "prometheus.yml",
        {**targets, **links, "rules/": f"{rules}/"},
    )
    jobs = (
        f"\n  - job_name: {name}\n{STATIC.format(address)}"
        for name, address in (further or {}).items()
    )
    return text + "".join(jobs)


def alertmanager(receiver: str, token_file: Path) -> str:
    """`alertmanager.yml`, for a receiver at the address `receiver`."""
    folder = ROOT / "alertmanager"
    return localized(
        folder / "alertmanager.yml",
        {
            "webhook-receiver:8080": receiver,
            "/run/webhook-token/token": str(token_file),
            "[templates/": f"[{folder / 'templates'}/",
        },
    )
