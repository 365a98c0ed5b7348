"""Two systems in Docker at once, as docs/install.md and docs/notify.md run them.

Run by `make docker`, not by `make test`. It builds images, takes ports of its own, and
removes everything that it started.
"""

import json
import os
import shutil
import socket
import struct
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack.ports import HOST, free_port
from stack.process import local, wait_until
from tests import compose
from tests.alertmanager.outside import EXAMPLES, added

pytestmark = pytest.mark.docker

ROOT = compose.ROOT
SECONDS = 180
LEFT_OUT = (".git", ".venv", ".cache", "build", "secrets", ".env", "__pycache__")
# Proxies that nothing answers at, as Docker would pass them to each container.
PROXIES = {"httpProxy": f"http://{HOST}:1", "httpsProxy": f"http://{HOST}:1"}


def four_free_ports():
    """The first of four ports in a row."""
    while True:
        first = free_port(0)
        with ExitStack() as stack:
            try:
                for port in range(first, first + 4):
                    stack.enter_context(socket.create_server((HOST, port)))
            except (OSError, OverflowError):
                continue
            return first


class Clone:
    """A clone of this repository, and the system that Docker runs from it."""

    def __init__(self, folder, name, analyzers, docker_config):
        self.folder = folder
        self._docker_config = docker_config
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        self.variables = {
            "COMPOSE_PROJECT_NAME": name,
            "ANALYZER_PORTS": analyzers,
            "RECEIVER_PORT": str(free_port(0)),
            "GRAFANA_PORT": str(free_port(0)),
            "PROMETHEUS_PORT": str(free_port(0)),
            "ALERTMANAGER_PORT": str(free_port(0)),
            "SCENARIO": "baseline",
        }
        self.write_settings()

    def write_settings(self, **more):
        lines = [f"{k}={v}\n" for k, v in (self.variables | more).items()]
        (self.folder / ".env").write_text("".join(lines))

    def run(self, *command, proxies=False):
        """What a command in the clone prints. Raises `CalledProcessError`."""
        own = {"DOCKER_CONFIG": str(self._docker_config)} if proxies else {}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | own,
            stdout=subprocess.PIPE,
            text=True,
            timeout=900,
            check=True,
        ).stdout

    def docker(self, *command, **options):
        return self.run("docker", "compose", *command, **options)

    def get(self, service, path):
        port = self.variables[f"{service}_PORT"]
        return local().get(f"http://{HOST}:{port}{path}", timeout=10)

    def query(self, promql):
        found = self.get("PROMETHEUS", f"/api/v1/query?query={promql}")
        return found.json()["data"]["result"]

    def health(self):
        """How each container with a health check is."""
        lines = self.docker("ps", "--format", "{{json .}}").splitlines()
        containers = [json.loads(line) for line in lines]
        return [c["Health"] for c in containers if c["Health"]]

    def edit(self, file, old, new):
        """Saves as many editors do: a new file gets the name of the old one."""
        text = (self.folder / file).read_text()
        assert old in text
        (self.folder / "new").write_text(text.replace(old, new))
        (self.folder / "new").rename(self.folder / file)

    def reload_succeeded(self, name):
        metrics = self.get(name.upper(), "/metrics").text
        return f"\n{name}_config_last_reload_successful 1\n" in metrics

    def default_gateway(self, service):
        """Where a container sends what is for no network of its own."""
        lines = self.docker("exec", "-T", service, "cat", "/proc/net/route")
        for _, destination, gateway, *_ in map(str.split, lines.splitlines()[1:]):
            if destination == "00000000":
                return socket.inet_ntoa(struct.pack("<L", int(gateway, 16)))
        return None

    def gateway(self, network):
        name = f"{self.variables['COMPOSE_PROJECT_NAME']}_{network}"
        form = "{{(index .IPAM.Config 0).Gateway}}"
        return self.run("docker", "network", "inspect", name, "-f", form).strip()


@pytest.fixture(scope="module")
def docker_config(tmp_path_factory):
    """A configuration of Docker's client that has proxies."""
    if shutil.which("docker") is None:
        pytest.skip("there is no Docker here")
    folder = tmp_path_factory.mktemp("docker-config")
    (folder / "config.json").write_text(json.dumps({"proxies": {"default": PROXIES}}))
    plugins = Path.home() / ".docker" / "cli-plugins"
    if plugins.exists():
        (folder / "cli-plugins").symlink_to(plugins)
    return folder


@pytest.fixture(scope="module")
def clones(tmp_path_factory, docker_config):
    """Both systems, running; the second has four replicas of the analyzer."""
    folder = tmp_path_factory.mktemp("clones")
    name, first = f"credit-monitor-test-{os.getpid()}", four_free_ports()
    one = Clone(folder / "one", f"{name}-1", str(free_port(0)), docker_config)
    two = Clone(folder / "two", f"{name}-2", f"{first}-{first + 3}", docker_config)
    with ExitStack() as stack:
        for clone, replicas in ((one, 1), (two, 4)):
            stack.callback(clone.docker, "down", "--volumes", "--rmi=local")
            clone.docker("build")
            scale = f"--scale=credit-analyzer={replicas}"
            clone.docker("up", "--detach", scale, proxies=True)
        yield one, two


@pytest.fixture(scope="module")
def one(clones):
    return clones[0]


@pytest.fixture(scope="module")
def two(clones):
    return clones[1]


def test_both_systems_are_healthy_behind_a_proxy(clones):
    for clone, containers in zip(clones, (5, 8), strict=True):
        wait_until(
            lambda c=clone, n=containers: c.health() == ["healthy"] * n,
            "all containers to be healthy",
            SECONDS,
        )


def test_each_prometheus_scrapes_its_own_analyzers(clones):
    for clone, analyzers in zip(clones, (1, 4), strict=True):
        wait_until(
            lambda c=clone, n=analyzers: (
                len(c.query('up{job="credit-analyzer"}==1')) == n
            ),
            "every replica to be scraped",
            SECONDS,
        )
        wait_until(
            lambda c=clone: c.query("sum(credit_decisions_total)>0"),
            "the simulator to reach the analyzer",
            SECONDS,
        )


def test_links_of_each_alert_lead_into_its_own_system(clones):
    for clone in clones:
        wait_until(
            lambda c=clone: c.get("ALERTMANAGER", "/api/v2/alerts").json(), "an alert"
        )
        for alert in clone.get("ALERTMANAGER", "/api/v2/alerts").json():
            for link, service in (
                (alert["annotations"]["runbook_url"], "RECEIVER"),
                (alert["annotations"]["dashboard_url"], "GRAFANA"),
                (alert["generatorURL"], "PROMETHEUS"),
            ):
                port = clone.variables[f"{service}_PORT"]
                assert link.startswith(f"http://{HOST}:{port}/"), link


def test_compose_reads_the_file_as_our_tests_do(two):
    config = json.loads(two.docker("config", "--format=json"))
    ours = compose.load(**two.variables)
    assert config["name"] == ours["name"]
    for name, service in config["services"].items():
        expected = ours["services"][name]
        assert service["command"] == expected.get("command"), name
        assert service["environment"] == expected["environment"], name
        published = [port["published"] for port in service.get("ports", [])]
        assert published == [p.split(":")[1] for p in expected.get("ports", [])], name


def test_files_that_were_saved_by_renaming_are_read_again(one):
    one.edit("prometheus/prometheus.yml", "scrape_timeout: 1s", "scrape_timeout: 900ms")
    one.edit(
        "alertmanager/alertmanager.yml", "repeat_interval: 4h", "repeat_interval: 9h"
    )
    one.run("make", "reload")
    for service, path, text in (
        ("PROMETHEUS", "/api/v1/status/config", "scrape_timeout: 900ms"),
        ("ALERTMANAGER", "/api/v2/status", "repeat_interval: 9h"),
    ):
        wait_until(lambda s=service, p=path, t=text: t in one.get(s, p).text, text)


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_a_failed_reload_is_in_the_metrics_until_one_succeeds(one, name):
    file = f"{name}/{name}.yml"
    right = (one.folder / file).read_text()
    one.edit(file, right, f"{right}\nnonsense: true\n")
    with pytest.raises(subprocess.CalledProcessError):
        one.run("make", "reload")
    assert one.reload_succeeded(name)
    one.docker("exec", "-T", name, "sh", "-c", "kill -HUP 1")
    wait_until(lambda: not one.reload_succeeded(name), "the reload to fail")
    query = f"{name}_config_last_reload_successful==0"
    wait_until(lambda: one.query(query), "Prometheus to see that it failed")
    one.edit(file, "\nnonsense: true\n", "")
    one.run("make", "reload")
    wait_until(lambda: one.reload_succeeded(name), "the reload to succeed")


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_a_service_is_restarted_after_a_reload(one, name):
    def restarts():
        [container] = one.docker("ps", "--quiet", name).split()
        form = "{{.RestartCount}} {{.State.Status}}"
        count, state = one.run("docker", "inspect", "-f", form, container).split()
        return int(count) if state == "running" else -1

    one.run("make", "reload")
    before = restarts()
    one.docker("exec", "-T", name, "sh", "-c", "kill -TERM 1")
    wait_until(lambda: restarts() > before, "the container to run again", SECONDS)


def test_alertmanager_reaches_out_only_with_the_second_file(one):
    assert one.default_gateway("alertmanager") == one.gateway("monitoring")
    secrets = one.folder / "secrets" / "alertmanager"
    secrets.mkdir(parents=True)
    (secrets / "slack-url").write_text(f"http://{HOST}:1")
    file = one.folder / "alertmanager" / "alertmanager.yml"
    text = file.read_text()
    one.edit("alertmanager/alertmanager.yml", text, added(text, EXAMPLES["slack"]))
    one.write_settings(COMPOSE_FILE="docker-compose.yml:docker-compose.notify.yml")
    one.docker("up", "--detach", "alertmanager")
    one.run("make", "reload")
    assert one.default_gateway("alertmanager") == one.gateway("egress")
    assert one.default_gateway("prometheus") == one.gateway("monitoring")
    secret = one.docker("exec", "-T", "alertmanager", "cat", "/run/notify/slack-url")
    assert secret == f"http://{HOST}:1"
