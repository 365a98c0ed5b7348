"""What the services of the Compose files may do, and what variables change."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from stack.ports import HOST, free_port
from tests import compose
from tests.serving import serving

ROOT = compose.ROOT
COMPOSE = compose.load()
SERVICES = COMPOSE["services"]
NOTIFY = compose.load(ROOT / "docker-compose.notify.yml")
# These do one thing, and end.
ENDING = {"loan-application-simulator", "webhook-token"}
# What each network is there for. The simulator is scraped for its phase.
FRONT = {"credit-analyzer", "loan-application-simulator"}
PORTS = {
    "ANALYZER_PORTS": "8100-8103",
    "RECEIVER_PORT": "8180",
    "GRAFANA_PORT": "3100",
    "PROMETHEUS_PORT": "9190",
    "ALERTMANAGER_PORT": "9193",
}

each_service = pytest.mark.parametrize("name", SERVICES)
listening = pytest.mark.parametrize(
    "name", [name for name in SERVICES if "healthcheck" in SERVICES[name]]
)


def user(service):
    if "build" not in service:
        return service["user"]
    lines = compose.dockerfile(service).read_text().splitlines()
    [user] = [line.split()[1] for line in lines if line.startswith("USER ")]
    return user


@each_service
def test_a_service_is_not_root_and_cannot_become_root(name):
    service = SERVICES[name]
    uid, gid = map(int, user(service).split(":"))
    assert uid > 0
    assert gid > 0 or name == "grafana"  # its image's group
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys()


@each_service
def test_a_service_writes_to_volumes_and_memory_only(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    for volume in service.get("volumes", []):
        source, _, options = volume.split(":", 1)[0], *volume.rpartition(":")[1:]
        assert source in COMPOSE["volumes"] or options == "ro", volume
        assert "docker.sock" not in volume


@each_service
def test_configuration_is_mounted_as_folders(name):
    # An editor that saves by renaming leaves a mounted file as it was.
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_dir(), volume


def test_every_file_that_a_command_names_is_in_a_mounted_folder():
    for name in ("prometheus", "alertmanager", "webhook-receiver"):
        service = SERVICES[name]
        folders = dict(
            reversed(volume.split(":")[:2])
            for volume in service["volumes"]
            if volume.startswith("./")
        )
        files = re.findall(r"=(/etc/\S+?)(?:'|$)", "\n".join(service["command"]), re.M)
        assert files
        for file in files:
            folder = str(Path(file).parent)
            assert (ROOT / folders[folder] / Path(file).name).is_file(), file


@each_service
def test_memory_processes_and_logs_are_limited(name):
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] == 256
    logging = service["logging"]
    assert logging["driver"] == "json-file"
    assert {"max-size", "max-file"} == logging["options"].keys()


def test_the_storage_of_prometheus_is_limited_in_time_and_size():
    options = dict(o.split("=", 1) for o in SERVICES["prometheus"]["command"])
    assert re.fullmatch(r"\d+d", options["--storage.tsdb.retention.time"])
    assert re.fullmatch(r"\d+GB", options["--storage.tsdb.retention.size"])


def test_decisions_come_first_when_processors_are_short():
    assert SERVICES["credit-analyzer"]["cpu_shares"] > 1024  # Docker's default
    assert sum("cpu_shares" in service for service in SERVICES.values()) == 1


@each_service
def test_a_service_that_ends_is_restarted_unless_it_is_done(name):
    expected = "no" if name in ENDING else "unless-stopped"
    assert SERVICES[name]["restart"] == expected


@each_service
def test_only_applications_arrive_on_the_network_of_callers(name):
    service = SERVICES[name]
    if name == "webhook-token":
        assert service["network_mode"] == "none"
        return
    expected = {"front", "monitoring"} if name in FRONT else {"monitoring"}
    assert set(service["networks"]) == expected


def test_metrics_are_served_to_the_network_of_the_monitor_only():
    analyzer = SERVICES["credit-analyzer"]
    [alias] = analyzer["networks"]["monitoring"]["aliases"]
    assert f"--metrics-host={alias}" in analyzer["command"]
    assert not analyzer["networks"]["front"]


def test_no_network_leads_out_of_the_machine():
    option = "com.docker.network.bridge.enable_ip_masquerade"
    assert COMPOSE["networks"].keys() == {"front", "monitoring"}
    for network in COMPOSE["networks"].values():
        assert network == {"enable_ipv6": False, "driver_opts": {option: "false"}}


def test_only_alertmanager_may_reach_out_and_only_with_the_second_file():
    assert NOTIFY["services"].keys() == {"alertmanager"}
    alertmanager = NOTIFY["services"]["alertmanager"]
    assert alertmanager.keys() == {"networks", "volumes"}
    assert alertmanager["networks"] == [*NOTIFY["networks"]]
    # Docker routes by the first network in alphabetical order.
    [egress] = NOTIFY["networks"]
    assert egress < min(SERVICES["alertmanager"]["networks"])
    assert "driver_opts" not in NOTIFY["networks"][egress]


def test_secrets_of_notifications_are_a_folder_that_must_exist():
    [secrets] = NOTIFY["services"]["alertmanager"]["volumes"]
    assert secrets["read_only"] is True
    assert secrets["bind"] == {"create_host_path": False}
    assert secrets["target"] == "/run/notify"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert f"{Path(secrets['source']).parts[0]}/" in ignored


def test_secrets_are_files_and_none_is_in_an_environment():
    project = compose.load(GRAFANA_ADMIN_PASSWORD_FILE="password")
    for service in project["services"].values():
        for variable, value in service["environment"].items():
            secret = re.search("PASSWORD|TOKEN|SECRET|KEY", variable)
            assert not secret or variable.endswith("__FILE"), variable
            assert not secret or value.startswith("/run/secrets/"), value
    assert all("file" in secret for secret in COMPOSE["secrets"].values())


@each_service
def test_a_proxy_of_docker_does_not_come_between_the_services(name):
    # In either spelling; which one a program reads first differs.
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        assert SERVICES[name]["environment"][variable] == ""
        assert SERVICES[name]["environment"][variable.lower()] == ""


class Answering(BaseHTTPRequestHandler):
    """Says that all is well, or that nothing is there."""

    status = 200

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args):
        """Is quiet."""


class Failing(Answering):
    status = 503


@pytest.fixture
def at_port():
    """at_port(handler): the port of a server, and the paths that it was asked for."""
    with ExitStack() as servers:

        def at_port(handler):
            server = ThreadingHTTPServer((HOST, 0), handler)
            server.asked = []
            servers.enter_context(serving(server))
            return server.server_port, server.asked

        yield at_port


def health_check(name, port):
    """Runs the health check of a service at another port, in the middle of proxies."""
    _, *command = SERVICES[name]["healthcheck"]["test"]
    command = [
        re.sub(r"(127\.0\.0\.1(?::|', ))\d+", rf"\g<1>{port}", c) for c in command
    ]
    command = [sys.executable if word == "python" else word for word in command]
    if "wget" in command and not shutil.which("wget"):
        pytest.skip("wget, which the image has, is not installed here")
    nowhere = f"http://{HOST}:{free_port(0)}"
    proxies = {
        variable: nowhere
        for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        for variable in (upper, upper.lower())
    }
    return subprocess.run(command, env=os.environ | proxies, timeout=10).returncode


@listening
def test_a_health_check_is_not_sent_to_a_proxy(name, at_port):
    port, asked = at_port(Answering)
    assert health_check(name, port) == 0
    [path] = asked
    assert path in " ".join(SERVICES[name]["healthcheck"]["test"])


@listening
def test_a_health_check_fails_with_the_service(name, at_port):
    port, _ = at_port(Failing)
    assert health_check(name, port) != 0
    assert health_check(name, free_port(0)) != 0


def test_two_systems_share_no_port_and_no_name():
    other = compose.load(COMPOSE_PROJECT_NAME="other", **PORTS)
    first, second = compose.published(COMPOSE), compose.published(other)
    assert first == {
        "credit-analyzer": "8000",
        "webhook-receiver": "8080",
        "grafana": "3000",
        "prometheus": "9090",
        "alertmanager": "9093",
    }
    assert set(second.values()) == set(PORTS.values())
    assert (COMPOSE["name"], other["name"]) == ("credit-monitor", "other")
    assert not any("container_name" in service for service in SERVICES.values())


@pytest.mark.parametrize(
    ("name", "setting", "port"),
    [
        ("prometheus", "--web.external-url=", "PROMETHEUS_PORT"),
        ("alertmanager", "--web.external-url=", "ALERTMANAGER_PORT"),
        ("prometheus", "GRAFANA_URL: ", "GRAFANA_PORT"),
        ("prometheus", "RUNBOOK_URL: ", "RECEIVER_PORT"),
        ("grafana", "GF_SERVER_ROOT_URL: ", "GRAFANA_PORT"),
    ],
)
def test_links_follow_the_ports_and_the_urls(name, setting, port):
    def link(**variables):
        service = compose.load(**variables)["services"][name]
        [link] = re.findall(f"{setting}(\\S+)", yaml.safe_dump(service))
        return link.removesuffix("/runbook")

    default = compose.interpolated(link(), {})
    assert default == f"http://127.0.0.1:{default.rpartition(':')[2]}"
    assert link(**{port: "1234"}) == "http://127.0.0.1:1234"
    url = port.replace("PORT", "URL")
    assert link(**{port: "1234", url: "https://a.example"}) == "https://a.example"


def test_no_page_of_another_origin_may_read_prometheus():
    [pattern] = [
        option.partition("=")[2]
        for option in SERVICES["prometheus"]["command"]
        if option.startswith("--web.cors.origin=")
    ]
    for origin in ("null", "http://127.0.0.1:9090", "https://example.com", ""):
        assert not re.fullmatch(pattern, origin)
