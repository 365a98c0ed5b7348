"""docs/install.md, compared with the Compose file (system/test_reload.py reloads)."""

import re

from tests import compose

ROOT = compose.ROOT
PAGE = (ROOT / "docs" / "install.md").read_text()
COMPOSE = compose.load()
SERVICES = COMPOSE["services"]


def other_system():
    """The variables of the second system on a machine."""
    [block] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    return dict(line.split("=") for line in block.splitlines())


def test_table_has_every_variable_and_its_default():
    rows = re.findall(r"^\| `([A-Z_]+)` \| `?([^|`]+)`? \| ", PAGE, re.M)
    assert {name for name, _ in rows} == compose.names()
    text = compose.FILE.read_text()
    for name, default in rows:
        used = re.search(rf"\$\{{{name}:-(?:[^${{}}]|\$\{{[^{{}}]*\}})*\}}", text)[0]
        assert compose.interpolated(used, {}) in (default, "/dev/null")


def test_addresses_are_those_of_the_published_ports():
    named = re.findall(r"^\| <http://127\.0\.0\.1:(\d+)> \|", PAGE, re.M)
    assert sorted(named) == sorted(compose.published(COMPOSE).values())


def test_second_system_shares_no_port_and_no_name_with_the_first():
    other = compose.load(**other_system())
    first, second = compose.published(COMPOSE), compose.published(other)
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())
    assert len(set(second.values())) == len(second)
    assert COMPOSE["name"] != other["name"]


def test_services_that_are_named_exist():
    named = re.findall(r"docker compose (?:restart|exec -T|up -d) (\w+)", PAGE)
    assert set(named) <= SERVICES.keys()


def test_folders_that_are_named_are_mounted():
    mounted = {
        volume.split(":")[0].removeprefix("./")
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    }
    [readable] = re.findall(r"`chmod -R go\+rX ([\w ]+)`", PAGE)
    assert set(readable.split()) == mounted
    changed = re.findall(r"`(\w+)/[\w./]*`", PAGE.split("| you changed")[1])
    assert set(changed) == mounted


def test_limits_are_those_of_the_compose_file():
    assert {service["pids_limit"] for service in SERVICES.values()} == {256}
    assert "256 processes and threads" in PAGE
    options = SERVICES["prometheus"]["logging"]["options"]
    size = int(options["max-size"].removesuffix("m")) * int(options["max-file"])
    assert f"{size} MB of logs" in PAGE
    command = " ".join(SERVICES["prometheus"]["command"])
    kept = re.search(r"retention\.time=(\d+)d .*retention\.size=(\d+)GB", command)
    assert f"keeps\n{kept[1]} days, at most {kept[2]} GB" in PAGE
    assert SERVICES["credit-analyzer"]["cpu_shares"] == 2 * 1024
    assert "twice the share" in PAGE
