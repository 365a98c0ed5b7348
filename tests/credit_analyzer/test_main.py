"""The service as a process."""

import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from credit_analyzer.model import ARTIFACTS

from stack.ports import free_port
from stack.process import wait_until

FOLDER = Path(__file__).parents[2] / "credit-analyzer"


@pytest.fixture
def start():
    """Starts the service on free ports; stops what a test leaves running."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "credit_analyzer", *arguments],
            cwd=FOLDER,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def answers(url):
    try:
        return requests.get(url, timeout=1).ok
    except requests.RequestException:
        return False


def test_decisions_and_metrics_are_on_ports_of_their_own(start, fields):
    api, metrics = free_port(0), free_port(0)
    process = start("--port", str(api), "--metrics-port", str(metrics))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    url = f"http://127.0.0.1:{api}/api/v1/credit-analyzer/"
    assert requests.post(url, json=fields, timeout=5).status_code == 200
    text = requests.get(f"http://127.0.0.1:{metrics}/metrics", timeout=5).text
    assert 'credit_decisions_total{decision="ANALYST"' in text
    assert "process_resident_memory_bytes" in text
    assert requests.get(f"http://127.0.0.1:{api}/metrics", timeout=5).status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_a_model_that_does_not_match_its_card_stops_the_service(start, tmp_path):
    shutil.copytree(ARTIFACTS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "model.pkl").open("ab") as file:
        file.write(b"x")
    process = start("--model", str(tmp_path), "--port", str(free_port(0)))
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert output.startswith("credit-analyzer does not start: ")
    assert "its card expects" in output
    assert "Traceback" not in output


def test_a_metrics_port_that_is_taken_stops_the_service_and_is_named(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = start("--port", str(free_port(0)), "--metrics-port", port)
        output, _ = process.communicate(timeout=20)
    assert process.returncode != 0
    assert f"metrics port {port}" in output
    assert "Traceback" not in output
