"""docs/securing.md, run as it says, by the real Prometheus and Alertmanager."""

import os
import re
import shlex
import socket
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import trustme
import yaml

from stack import configuration
from stack.ports import free_port
from stack.process import Process, wait_until

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "securing.md").read_text()
LINES = re.search(r"```console\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
WEB, PROMETHEUS, ALERTMANAGER = (
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)
ADDRESSES = {
    "credit-analyzer:8001": "analyzer",
    "webhook-receiver:8080": "receiver",
    "prometheus:9090": "monitor",
    "alertmanager:9093": "monitor",
}
PASSWORD = "change-me"


def prometheus_yml(addresses):
    config = yaml.safe_load(configuration.prometheus(addresses))
    changes = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
    config["scrape_configs"] = [
        job | changes[job["job_name"]]
        for job in config["scrape_configs"]
        if job["job_name"] != "loan-application-simulator"  # there is no simulator
    ]
    [manager] = config["alerting"]["alertmanagers"]
    manager |= PROMETHEUS["alerting"]["alertmanagers"][0]
    return yaml.safe_dump(config)


def alertmanager_yml(receiver, token):
    config = yaml.safe_load(configuration.alertmanager(receiver, token))
    for receiver_ in config["receivers"]:
        for webhook in receiver_["webhook_configs"]:
            webhook["url"] = webhook["url"].replace("http:", "https:")
            webhook["http_config"] = (
                webhook["http_config"] | ALERTMANAGER["http_config"]
            )
    return yaml.safe_dump(config)


def certificates(folder):
    """The files that the page names: an authority, and what it signed."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("analyzer", "receiver", "monitor", "prometheus"):
        signed = authority.issue_cert("127.0.0.1", "credit-analyzer")
        signed.private_key_pem.write_to_path(folder / f"{name}.key")
        signed.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")


class Secured:
    """The four parts, started as the page says, in a folder."""

    def __init__(self, folder, binaries):
        self.folder, self._binaries = folder, binaries
        self.at = {name: f"127.0.0.1:{free_port(0)}" for name in ADDRESSES}
        self.processes = []
        certificates(folder)
        (folder / "password").write_text(PASSWORD)
        (folder / "token").write_text("secret")
        (folder / "token").chmod(0o440)
        (folder / "web.yml").write_text(yaml.safe_dump(WEB))
        addresses = self.at | {"loan-application-simulator:8002": "127.0.0.1:1"}
        (folder / "prometheus.yml").write_text(prometheus_yml(addresses))
        (folder / "alertmanager.yml").write_text(
            alertmanager_yml(self.at["webhook-receiver:8080"], folder / "token")
        )

    def start(self, program, *arguments):
        """Runs the line of the page that starts with a program, with more arguments."""
        [line] = [line for line in LINES if re.search(rf"(^|-m ){program} ", line)]
        words = [self._absolute(word) for word in shlex.split(line)]
        if words[0] == "python":
            words[0] = sys.executable
        else:
            words[0] = str(self._binaries / words[0])
        service = program.replace("_", "-")
        paths = f"{ROOT / service}:{ROOT / 'model-monitor'}"
        environment = os.environ | {"PYTHONPATH": paths, "NO_PROXY": "*"}
        log = self.folder / f"{program}.log"
        command = ["env", "-C", self.folder, *words, *map(str, arguments)]
        self.processes.append(Process(program, command, log, environment))

    def _absolute(self, word):
        """Names the file with its folder: Debian's servers start in another."""
        option, equals, name = word.rpartition("=")
        is_file = (self.folder / name).is_file()
        return f"{option}{equals}{self.folder / name}" if is_file else word

    def stop(self):
        for process in self.processes:
            process.stop()

    def get(self, address, path, **options):
        url = f"https://{self.at[address]}{path}"
        return requests.get(url, verify=self.folder / "ca.pem", timeout=5, **options)

    def query(self, promql):
        found = self.get(
            "prometheus:9090",
            "/api/v1/query",
            params={"query": promql},
            auth=("monitor", PASSWORD),
        )
        return found.json()["data"]["result"]


@pytest.fixture(scope="module")
def secured(tmp_path_factory, monitoring_binaries):
    folder = tmp_path_factory.mktemp("secured")
    system = Secured(folder, monitoring_binaries)
    port = {name: address.split(":")[1] for name, address in system.at.items()}
    try:
        system.start(
            "credit_analyzer",
            *("--port", free_port(0), "--metrics-port", port["credit-analyzer:8001"]),
        )
        system.start(
            "webhook_receiver",
            *("--port", port["webhook-receiver:8080"], "--token-file", "token"),
            *("--history", "alerts.sqlite"),
            *("--alertmanager", f"https://{system.at['alertmanager:9093']}"),
        )
        system.start(
            "alertmanager",
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address={system.at['alertmanager:9093']}",
            "--cluster.listen-address=",
        )
        system.start(
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={system.at['prometheus:9090']}",
        )

        def everything_is_scraped():
            for process in system.processes:
                process.check()
            try:
                return len(system.query("up == 1")) == 4
            except requests.RequestException:
                return False

        wait_until(everything_is_scraped, "everything to be scraped")
        yield system
    finally:
        system.stop()


def test_alerts_arrive_by_tls_from_end_to_end(secured):
    arrived = "webhook_receiver_watchdog_timestamp_seconds > 0"
    wait_until(lambda: bool(secured.query(arrived)), "the watchdog to arrive")


def test_the_receiver_asks_alertmanager_by_tls_with_the_password(secured):
    up = "webhook_receiver_alertmanager_up == 1"
    wait_until(lambda: bool(secured.query(up)), "Alertmanager to be asked")
    assert PASSWORD not in (secured.folder / "webhook_receiver.log").read_text()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_is_answered_without_tls(secured, address):
    with suppress(requests.ConnectionError):
        answer = requests.get(f"http://{secured.at[address]}/metrics", timeout=5)
        assert answer.status_code == 400


@pytest.mark.parametrize("address", ["prometheus:9090", "alertmanager:9093"])
@pytest.mark.parametrize("auth", [None, ("monitor", "wrong")])
def test_who_does_not_know_the_password_is_shown_nothing(secured, address, auth):
    answer = secured.get(address, "/metrics", auth=auth)
    assert answer.status_code == 401
    assert "# TYPE" not in answer.text


def test_metrics_are_only_for_those_whom_the_authority_knows(secured, tmp_path):
    certificates(tmp_path)  # of another authority
    stranger = tmp_path / "prometheus.pem", tmp_path / "prometheus.key"
    for cert in (None, stranger):
        # By TLS 1.3 a client learns only after the handshake that it is refused.
        with pytest.raises(requests.ConnectionError):
            secured.get("credit-analyzer:8001", "/metrics", cert=cert)
    known = secured.folder / "prometheus.pem", secured.folder / "prometheus.key"
    answer = secured.get("credit-analyzer:8001", "/metrics", cert=known)
    assert "credit_decisions_total" in answer.text


def test_who_never_ends_the_handshake_keeps_nobody_else_away(secured):
    host, port = secured.at["credit-analyzer:8001"].split(":")
    known = secured.folder / "prometheus.pem", secured.folder / "prometheus.key"
    with socket.create_connection((host, int(port))):
        answer = secured.get("credit-analyzer:8001", "/metrics", cert=known)
        assert answer.status_code == 200
