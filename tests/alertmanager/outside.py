"""A real Alertmanager that sends messages to stand-ins of the services outside."""

import re
import subprocess
from pathlib import Path

import pytest
import trustme

from stack import configuration
from stack.ports import HOST, free_port
from stack.process import local
from tests.alertmanager import fakes

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "alertmanager"
EXAMPLES = {file.stem: file.read_text() for file in (FOLDER / "examples").iterdir()}
# The oldest Alertmanager that knows everything in an example, but see `adapted`.
SINCE = {"teams": (0, 28)}
# Where each secret is read from in Docker.
SECRETS = "/run/notify"
# Names the folder of an Alertmanager that is newer than the one of the demo.
NEWER = "NEWER_ALERTMANAGER"


def version(folder):
    """The version of the Alertmanager in `folder`, as two numbers."""
    command = [folder / "alertmanager", "--version"]
    result = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"version (\d+)\.(\d+)", result.stdout + result.stderr)
    return int(found[1]), int(found[2])


def usable(found):
    """The examples that an Alertmanager of this version has everything for."""
    return [name for name in EXAMPLES if found >= SINCE.get(name, (0, 25))]


def skip_if_too_old(example, found):
    if example not in usable(found):
        has, wants = (".".join(map(str, v)) for v in (found, SINCE[example]))
        pytest.skip(
            f"needs Alertmanager {wants}, this is {has}; set {NEWER} to the folder of "
            "another one and its amtool"
        )


def added(text, example):
    """The configuration `text` with an example added, as docs/notify.md says."""
    routes, receivers = example.split("\nroutes:\n")[1].split("\nreceivers:\n")
    deeper = re.sub("^(?=.)", "  ", f"{routes}", flags=re.M)
    text = text.replace("\n  routes:\n", f"\n  routes:\n{deeper}", 1)
    return text.replace("\nreceivers:\n", f"\nreceivers:\n{receivers}\n", 1)


def with_examples(names, found):
    """The shipped configuration, with these examples added."""
    text = configuration.localized(
        FOLDER / "alertmanager.yml", {"[templates": f"[{FOLDER / 'templates'}"}
    )
    for name in names:
        text = added(text, adapted(EXAMPLES[name], found))
    return text


def adapted(example, found):
    """`example` for an Alertmanager whose webhooks have no `url_file` yet."""
    if found >= (0, 26):
        return example
    return re.sub(r"(?<=- )url_file: /run/notify/", "url: http://notify/", example)


def amtool(binaries, *arguments):
    command = [str(part) for part in (binaries / "amtool", *arguments)]
    return subprocess.run(command, capture_output=True, text=True)


class Outside:
    """The addresses of an Alertmanager with every example, and of each service."""

    def __init__(self, folder, binaries, stack):
        self.folder, self._binaries = folder, binaries
        self.version = version(binaries)
        authority = trustme.CA()
        self.authority = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.authority)
        self.slack = stack.enter_context(fakes.http())
        self.pagerduty = stack.enter_context(fakes.http())
        self.teams = stack.enter_context(fakes.http())
        self.webhook = stack.enter_context(fakes.http())
        self.switch = stack.enter_context(fakes.http())
        self.history = stack.enter_context(fakes.http())
        self.mail = stack.enter_context(fakes.smtp(authority))
        self.address = f"{HOST}:{free_port(0)}"
        self.url = f"http://{self.address}"

    def command(self):
        """How to start Alertmanager, once its files are written."""
        self._write_secrets()
        file = self.folder / "alertmanager.yml"
        file.write_text(self._configuration())
        return [
            str(self._binaries / "alertmanager"),
            f"--config.file={file}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={self.address}",
            f"--web.external-url={self.url}",
            "--cluster.listen-address=",
        ]

    def send(self, *alerts):
        """Sends alerts to Alertmanager, as Prometheus does."""
        url = f"{self.url}/api/v2/alerts"
        local().post(url, json=alerts, timeout=5).raise_for_status()

    def _write_secrets(self):
        secrets = {
            "slack-url": f"http://{self.slack.address}/services/secret",
            "smtp-password": "mail secret",
            "pagerduty-key": "pagerduty secret",
            "teams-url": f"http://{self.teams.address}/workflows/secret",
            "webhook-token": "webhook secret",
            "dead-mans-switch-url": f"http://{self.switch.address}/secret",
            "token": "history secret",
        }
        for name, secret in secrets.items():
            (self.folder / name).write_text(secret)

    def _configuration(self):
        replacements = {
            "webhook-receiver:8080": self.history.address,
            "/run/webhook-token/token": f"{self.folder / 'token'}",
            SECRETS: f"{self.folder}",
            "http://notify/dead-mans-switch-url": f"http://{self.switch.address}/secret",
            "smtp.example.com:587": self.mail.address,
            "https://alerts.example.com": f"http://{self.webhook.address}",
            # In the same order, but sooner.
            "group_wait: 30s": "group_wait: 1s",
            "group_interval: 5m": "group_interval: 1s",
            "group_interval: 5s": "group_interval: 1s",
            "group_interval: 20s": "group_interval: 1s",
            "repeat_interval: 50s": "repeat_interval: 1500ms",
        }
        text = with_examples(usable(self.version), self.version)
        for shipped, here in replacements.items():
            text = text.replace(shipped, here)
        return (
            f"global: {{pagerduty_url: 'http://{self.pagerduty.address}/v2'}}\n{text}"
        )
