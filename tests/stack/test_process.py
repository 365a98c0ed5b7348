import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from stack.ports import free_port
from stack.process import TIED, Process, ProcessDied, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path):
    started = []

    def start(code):
        log = tmp_path / "process.log"
        process = Process("it", [sys.executable, "-c", code], log, os.environ)
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


def test_a_process_that_died_shows_its_last_words(start):
    process = start("import sys; print('no model'); sys.exit(3)")
    wait_until(lambda: process.returncode is not None, "its end")
    with pytest.raises(ProcessDied, match=r"it ended with status 3; .*\nno model"):
        process.check()


def test_a_process_that_dies_is_not_waited_for(start):
    process = start("raise SystemExit(1)")
    with pytest.raises(ProcessDied):
        process.wait_until_ready(f"http://127.0.0.1:{free_port(0)}/")


def test_a_process_is_ready_once_it_answers(start, tmp_path):
    port = free_port(0)
    process = start(
        f"import http.server as h, os; os.chdir({str(tmp_path)!r});"
        f"h.test(h.SimpleHTTPRequestHandler, port={port}, bind='127.0.0.1')"
    )
    process.wait_until_ready(f"http://127.0.0.1:{port}/")
    process.check()


def test_a_stopped_process_is_gone(start):
    process = start("import time; time.sleep(60)")
    process.stop()
    assert process.returncode is not None


def test_a_process_that_does_not_listen_is_ended_with_its_children(start, monkeypatch):
    monkeypatch.setattr("stack.process.STOP_SECONDS", 0.2)
    process = start(
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(os.fork(), flush=True); time.sleep(60)"
    )
    wait_until(lambda: len(process.log.read_text().split()) == 2, "its child")
    child = max(int(pid) for pid in process.log.read_text().split())
    process.stop()
    wait_until(lambda: is_gone(child), "the end of its child")


def test_a_process_that_is_killed_cannot_do_anything_about_it(start):
    process = start(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    )
    wait_until(lambda: "ready" in process.log.read_text(), "it to be ready")
    process.kill()
    assert process.returncode == -9


def test_who_is_started_again_writes_on_in_its_log(start):
    for _ in range(2):
        start("print('hello')").wait_until_done()
    assert start("").log.read_text() == "hello\nhello\n"


def is_gone(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def test_waiting_ends_with_what_was_waited_for():
    with pytest.raises(TimeoutError, match=r"waited 0 s for godot"):
        wait_until(lambda: False, "godot", seconds=0)


def test_a_port_that_is_taken_is_not_given():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port


RUNNER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from stack.process import Process
command = [sys.executable, "-c", "import time; time.sleep(60)"]
process = Process("it", command, Path({log!r}), os.environ)
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to do it")
def test_what_a_killed_runner_started_ends_with_it(tmp_path, root):
    code = RUNNER.format(root=str(root), log=str(tmp_path / "process.log"))
    runner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = int(runner.stdout.readline())
    assert psutil.pid_exists(pid)
    runner.kill()
    runner.communicate()
    wait_until(lambda: not psutil.pid_exists(pid), "the process to end")


def test_a_command_is_not_run_for_a_parent_that_is_gone(tmp_path):
    trace = tmp_path / "trace"
    command = [sys.executable, TIED, "1", "touch", str(trace)]
    subprocess.run(command, check=True)
    assert not trace.exists()
