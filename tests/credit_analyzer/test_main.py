"""The service as a process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import requests
from credit_analyzer.model import ARTIFACTS

from stack.ports import free_port
from stack.process import wait_until
from tests.credit_analyzer.deployment import MODELS, deploy

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATHS = (ROOT / "model-monitor", MODELS)


@pytest.fixture
def start():
    """Starts the service on free ports; stops what a test leaves running."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "credit_analyzer", *arguments],
            cwd=ROOT / "credit-analyzer",
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, PATHS))},
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


def test_metrics_may_be_for_another_network_than_decisions(start):
    api, metrics = free_port(0), free_port(0)
    hosts = "--host", "127.0.0.1", "--metrics-host", "127.0.0.2"
    start(*hosts, "--port", str(api), "--metrics-port", str(metrics))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    assert answers(f"http://127.0.0.2:{metrics}/metrics")
    assert not answers(f"http://127.0.0.1:{metrics}/metrics")


@pytest.fixture
def serving(start):
    """A service that answers, and the port of its API."""
    api, metrics = free_port(0), free_port(0)
    process = start("--port", str(api), "--metrics-port", str(metrics))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    return process, api


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"])
def test_every_signal_of_a_supervisor_stops_it_cleanly(serving, name):
    process, api = serving
    process.send_signal(getattr(signal, f"SIG{name}"))
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in output
    socket.create_server(("127.0.0.1", api)).close()


def test_killed_it_leaves_no_process_behind(serving, start):
    process, api = serving
    assert psutil.Process(process.pid).children() == []
    process.kill()
    process.wait()
    start("--port", str(api), "--metrics-port", str(free_port(0)))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")


def test_a_request_in_flight_is_answered_before_it_stops(serving, fields):
    process, api = serving
    body = json.dumps(fields).encode()
    head = (
        f"POST /api/v1/credit-analyzer/ HTTP/1.1\r\nHost: here\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", api), timeout=10) as client:
        client.sendall(head.encode() + body[:10])
        # The head is read before the signal is: both come by way of one loop.
        assert answers(f"http://127.0.0.1:{api}/healthz")
        process.send_signal(signal.SIGTERM)
        client.sendall(body[10:])
        assert client.recv(1024).startswith(b"HTTP/1.1 200")
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("host", ["::1", "::"])
def test_it_serves_on_ipv6(start, host):
    api, metrics = free_port(0), free_port(0)
    start("--host", host, "--port", str(api), "--metrics-port", str(metrics))
    wait_until(lambda: answers(f"http://[::1]:{api}/healthz"), "the analyzer")
    assert answers(f"http://[::1]:{metrics}/metrics")


def test_on_all_addresses_of_ipv6_it_serves_ipv4_too(start):
    api, metrics = free_port(0), free_port(0)
    start("--host", "::", "--port", str(api), "--metrics-port", str(metrics))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    assert answers(f"http://127.0.0.1:{metrics}/metrics")


def test_a_model_decides_on_one_thread(start, tmp_path, fields):
    """Threads of OpenMP that wait for each other hold the processors."""
    threads = tmp_path / "threads"
    model = deploy(tmp_path / "model", "thread_counter.ThreadCounter", threads)
    api, metrics = free_port(0), free_port(0)
    ports = "--port", str(api), "--metrics-port", str(metrics)
    start("--model", str(model), *ports)
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    url = f"http://127.0.0.1:{api}/api/v1/credit-analyzer/"
    assert requests.post(url, json=fields, timeout=10).status_code == 200
    assert set(threads.read_text().split()) == {"1"}


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


@pytest.mark.parametrize("option", ["--port", "--metrics-port"])
def test_a_port_that_is_taken_stops_the_service_and_is_named(start, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = {"--port": free_port(0), "--metrics-port": free_port(0), option: port}
        process = start(*(str(word) for pair in ports.items() for word in pair))
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"does not start: cannot listen on 127.0.0.1:{port}" in output
    assert "Traceback" not in output


def test_clients_that_stall_do_not_stop_decisions(start, fields):
    api = free_port(0)
    start("--port", str(api), "--metrics-port", str(free_port(0)))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    url = f"http://127.0.0.1:{api}/api/v1/credit-analyzer/"
    with ExitStack() as stalled:
        for _ in range(100):
            client = socket.create_connection(("127.0.0.1", api))
            stalled.enter_context(client)
            client.sendall(
                b"POST /api/v1/credit-analyzer/ HTTP/1.1\r\nHost: here\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
        assert requests.post(url, json=fields, timeout=5).status_code == 200


def test_a_body_in_chunks_and_one_that_is_too_large_are_answered(start, fields):
    api = free_port(0)
    start("--port", str(api), "--metrics-port", str(free_port(0)))
    wait_until(lambda: answers(f"http://127.0.0.1:{api}/healthz"), "the analyzer")
    url = f"http://127.0.0.1:{api}/api/v1/credit-analyzer/"
    json_type = {"Content-Type": "application/json"}

    def post(chunks):
        return requests.post(url, data=iter(chunks), headers=json_type, timeout=5)

    body = json.dumps(fields).encode()
    assert post([body[:10], body[10:]]).status_code == 200
    assert post([body, b" " * 20_000]).status_code == 413
    query = requests.get(url, params={"loan-amount": "é"}, timeout=5)
    assert query.status_code == 422
    assert requests.get(url + "%C3%A9%2F", timeout=5).status_code == 404
