"""What lint says about known vulnerabilities, of a service that we play."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack.ports import free_port
from tests.serving import serving

# Each test starts pip-audit.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Osv(BaseHTTPRequestHandler):
    """Answers as OSV does, and knows of one vulnerability."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {"schema_version": "1.6.0", "id": "PYSEC-1", "summary": "Bad."}
        fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}
        known["affected"] = [{"package": asked["package"], "ranges": [fixed]}]
        found = asked["package"]["name"] in self.server.vulnerable
        body = json.dumps({"vulns": [known]} if found else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def osv():
    """The service; its attribute `vulnerable` holds names of packages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    server.vulnerable, server.status = set(), 200
    with serving(server):
        yield server


def audit(port, *options):
    requirements = "loan-application-simulator/requirements.txt"
    url = f"http://127.0.0.1:{port}"
    return subprocess.run(
        [sys.executable, ".ci/audit.py", requirements, "--osv-url", url, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_pins_that_nothing_is_known_about_are_audited(osv):
    done = audit(osv.server_port)
    assert done.returncode == 0
    assert done.stdout.endswith(": 7 packages audited\n")


def test_a_known_vulnerability_fails_and_is_named(osv):
    osv.vulnerable = {"urllib3"}
    done = audit(osv.server_port)
    assert done.returncode == 1
    assert ": urllib3 " in done.stdout
    assert ": PYSEC-1, fixed by 9.9\n" in done.stdout


def test_a_service_that_is_away_or_broken_is_said_and_does_not_fail(osv):
    osv.status = 503
    for port in (free_port(0), osv.server_port):
        done = audit(port)
        assert done.returncode == 0
        assert ": not audited: unreachable (" in done.stdout


def test_an_audit_that_is_asked_wrongly_fails(osv):
    assert audit(osv.server_port, "--no-such-option").returncode != 0
