import subprocess
import sys
from pathlib import Path

import pytest

from stack import environments

# Writes down what it is asked for. It fails for what is named after it.
PYTHON = """\
#!/bin/sh
echo "$@" >> "{calls}"
case "$2" in {failing}) exit 2 ;; esac
"""


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Has uv and pip fail, as named; returns what they are asked for then."""

    def make(failing):
        calls, program = tmp_path / "calls", tmp_path / "python"
        program.write_text(PYTHON.format(calls=calls, failing=failing))
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        return lambda: [line.split()[1] for line in calls.read_text().splitlines()]

    return make


@pytest.mark.parametrize(
    ("failing", "asked"), [("none", ["uv"]), ("uv", ["uv", "pip"])]
)
def test_pip_installs_what_uv_cannot(python, failing, asked):
    calls = python(failing)
    environments.install(Path("there/bin/python"), "package")
    assert calls() == asked


def test_what_neither_can_install_is_an_error(python):
    calls = python("uv|pip")
    with pytest.raises(subprocess.CalledProcessError):
        environments.install(Path("there/bin/python"), "package")
    assert calls() == ["uv", "pip"]


def test_an_environment_is_made_again_when_its_requirements_change(
    python, tmp_path, monkeypatch
):
    monkeypatch.setattr(environments, "BUILD", tmp_path / "build")
    requirements = tmp_path / "peer.txt"
    requirements.write_text("package==1\n")
    calls = python("none")
    interpreter = environments.python_of(requirements)
    assert interpreter.exists()
    assert environments.python_of(requirements) == interpreter
    assert calls() == ["uv"]
    requirements.write_text("package==2\n")
    environments.python_of(requirements)
    assert calls() == ["uv", "uv"]
