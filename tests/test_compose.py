"""What every service of docker-compose.yml is held to."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
# These do one thing, and end.
ENDING = {"loan-application-simulator", "webhook-token"}
# What each network is there for. The simulator is asked which phase is on.
FRONT = {"credit-analyzer", "loan-application-simulator"}

each_service = pytest.mark.parametrize("name", SERVICES)


def user(service):
    if "build" not in service:
        return service["user"]
    lines = (ROOT / service["build"] / "Dockerfile").read_text().splitlines()
    [user] = [line.split()[1] for line in lines if line.startswith("USER ")]
    return user


@each_service
def test_nobody_is_root_or_can_become_root(name):
    service = SERVICES[name]
    uid, gid = map(int, user(service).split(":"))
    assert uid > 0
    assert gid > 0 or name == "grafana"  # its image's group
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys()


@each_service
def test_nothing_is_written_but_to_volumes_and_memory(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    for volume in service.get("volumes", []):
        source, _, options = volume.split(":", 1)[0], *volume.rpartition(":")[1:]
        assert source in COMPOSE["volumes"] or options == "ro", volume
        assert "docker.sock" not in volume


@each_service
def test_nothing_takes_the_machine_from_the_others(name):
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] == 256
    logging = service["logging"]
    assert logging["driver"] == "json-file"
    assert {"max-size", "max-file"} == logging["options"].keys()


@each_service
def test_what_ends_is_started_again_unless_it_is_done(name):
    expected = "no" if name in ENDING else "unless-stopped"
    assert SERVICES[name]["restart"] == expected


@each_service
def test_only_applications_arrive_where_callers_are(name):
    service = SERVICES[name]
    if name == "webhook-token":
        assert service["network_mode"] == "none"
        return
    expected = {"front", "monitoring"} if name in FRONT else {"monitoring"}
    assert set(service["networks"]) == expected


def test_the_metrics_are_served_to_the_network_of_the_monitor_only():
    analyzer = SERVICES["credit-analyzer"]
    [alias] = analyzer["networks"]["monitoring"]["aliases"]
    assert f"--metrics-host={alias}" in analyzer["command"]
    assert not analyzer["networks"]["front"]


def test_no_network_leads_out_of_the_machine():
    option = "com.docker.network.bridge.enable_ip_masquerade"
    assert COMPOSE["networks"].keys() == {"front", "monitoring"}
    for network in COMPOSE["networks"].values():
        assert network["driver_opts"] == {option: "false"}


def test_secrets_are_files_and_none_is_in_an_environment():
    for service in SERVICES.values():
        for variable, value in (service.get("environment") or {}).items():
            secret = re.search("PASSWORD|TOKEN|SECRET|KEY", variable)
            assert not secret or variable.endswith("__FILE"), variable
            assert "/run/secrets/" in value or value.endswith("_FILE:+false}"), value
    assert all("file" in secret for secret in COMPOSE["secrets"].values())
