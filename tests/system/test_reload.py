"""`make reload`, with the real Prometheus and Alertmanager, and a stand-in of Docker.

`tests/docker` does the same in Docker.
"""

import os
import re
import shlex
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack import configuration
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
INSTALL = (ROOT / "docs" / "install.md").read_text()
# docker compose exec -T SERVICE COMMAND, for services that are processes here: the
# configuration is in a folder for each, and process 1 of a container is one of ours.
DOCKER = """\
#!/bin/sh
[ "$1 $2 $3" = "compose exec -T" ] || exit 99
service=$4
shift 4
for word; do
  shift
  word=$(echo "$word" | sed "s|/etc/$service|{folder}|")
  [ "$word" = "kill -HUP 1" ] && word="kill -HUP $(cat {folder}/$service.pid)"
  set -- "$@" "$word"
done
PATH={binaries}:$PATH exec "$@"
"""


class Server:
    """A Prometheus or an Alertmanager, and its configuration in a folder of its own."""

    def __init__(self, name, folder, binaries, text):
        self._url = f"http://{HOST}:{free_port(0)}"
        self._metric = f"{name}_config_last_reload_successful"
        self._status = {
            "prometheus": "/api/v1/status/config",
            "alertmanager": "/api/v2/status",
        }[name]
        self._config = folder / f"{name}.yml"
        self._config.write_text(text)
        options = {
            "prometheus": [f"--storage.tsdb.path={folder / 'data'}"],
            "alertmanager": [
                f"--storage.path={folder / 'data'}",
                "--cluster.listen-address=",
            ],
        }[name]
        command = [
            str(binaries / name),
            f"--config.file={self._config}",
            f"--web.listen-address={self._url.removeprefix('http://')}",
            *options,
        ]
        log = folder / f"{name}.log"
        self.process = Process(name, command, log, os.environ | {"NO_PROXY": HOST})
        (folder / f"{name}.pid").write_text(str(self.process.pid))

    def wait_until_ready(self):
        self.process.wait_until_ready(f"{self._url}/-/ready")

    def edit(self, old, new):
        """Saves as many editors do: a new file gets the name of the old one."""
        text = self._config.read_text()
        assert old in text
        other = self._config.with_suffix(".new")
        other.write_text(text.replace(old, new))
        other.rename(self._config)

    def succeeded(self):
        """Whether the last reload did, as the metric says that the alert is on."""
        metrics = local().get(f"{self._url}/metrics", timeout=5).text
        return re.search(rf"^{self._metric} (\d)$", metrics, re.M)[1] == "1"

    def loaded(self):
        """The configuration that is in effect."""
        return local().get(self._url + self._status, timeout=5).text


class System:
    """Both servers, and a `docker` on the path that leads to them."""

    def __init__(self, folder, binaries, stack):
        texts = {
            "prometheus": configuration.prometheus({}),
            "alertmanager": configuration.alertmanager(f"{HOST}:1", folder / "token"),
        }
        self.servers = []
        for name, text in texts.items():
            server = Server(name, folder, binaries, text)
            stack.callback(server.process.stop)
            self.servers.append(server)
        self.prometheus, self.alertmanager = self.servers
        docker = folder / "docker"
        docker.write_text(DOCKER.format(folder=folder, binaries=binaries))
        docker.chmod(0o755)
        self._environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
        for server in self.servers:
            server.wait_until_ready()

    def run(self, command):
        """The exit status of a command that a reader of docs/install.md types."""
        return subprocess.run(
            shlex.split(command), cwd=ROOT, env=self._environment, timeout=60
        ).returncode


@pytest.fixture
def system(tmp_path, monitoring_binaries):
    with ExitStack() as stack:
        yield System(tmp_path, monitoring_binaries, stack)


def commands():
    """The lines of install.md that reload, by hand and by make."""
    section = INSTALL.split("\n## Change a setting\n")[1].split("\n## ")[0]
    first, second = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    return first.splitlines(), second.splitlines()


def test_the_target_of_make_is_the_commands_of_the_page():
    command = [shutil.which("make"), "--no-print-directory", "--dry-run", "reload"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert commands() == (["make reload"], printed.splitlines())


def test_files_that_were_saved_by_renaming_are_read_again(system):
    system.prometheus.edit("scrape_interval: 1s", "scrape_interval: 59s")
    system.alertmanager.edit("repeat_interval: 4h", "repeat_interval: 59s")
    assert not any("59s" in server.loaded() for server in system.servers)
    assert system.run("make reload") == 0
    for server in system.servers:
        wait_until(lambda s=server: "59s" in s.loaded(), "the edited configuration")
        assert server.succeeded()


@pytest.mark.parametrize("broken", ["prometheus", "alertmanager"])
def test_nothing_is_reloaded_if_a_file_is_wrong(system, broken):
    system.prometheus.edit("scrape_interval: 1s", "scrape_interval: 59s")
    system.alertmanager.edit("repeat_interval: 4h", "repeat_interval: 59s")
    getattr(system, broken).edit("59s", "often")
    assert system.run("make reload") != 0
    for server in system.servers:
        assert server.succeeded()
        assert "59s" not in server.loaded()


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_a_failed_reload_is_in_the_metrics_until_one_succeeds(system, name):
    server = getattr(system, name)
    assert server.succeeded()
    before = server.loaded()
    server.edit("route:" if name == "alertmanager" else "global:", "nonsense:")
    [reload] = [c for c in commands()[1] if f"{name} sh -c 'kill" in c]
    assert system.run(reload) == 0
    wait_until(lambda: not server.succeeded(), "the reload to fail")
    server.process.check()
    assert "nonsense" not in server.loaded()
    assert server.loaded() == before
    server.edit("nonsense:", "route:" if name == "alertmanager" else "global:")
    assert system.run(reload) == 0
    wait_until(server.succeeded, "the reload to succeed")
