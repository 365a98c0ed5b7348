"""The library as a package: built, and installed where nothing else is."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from stack.environments import install

LIBRARY = Path(__file__).parents[2] / "model-monitor"

CODE = """
import sys
from model_monitor import Monitor
monitor = Monitor.from_card(sys.argv[1])
heavy = {"numpy", "sklearn", "pandas", "pyarrow", "flask"} & set(sys.modules)
print(monitor.card.name, sorted(heavy))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Building leaves files beside the source.
    source = folder / "source"
    shutil.copytree(LIBRARY, source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", folder, source], check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(wheel, tmp_path, fields):
    environment = tmp_path / "environment"
    venv.create(environment)
    python = environment / "bin" / "python"
    install(python, str(wheel))
    card = tmp_path / "model.json"
    card.write_text(json.dumps(fields))
    run = subprocess.run([python, "-c", CODE, card], capture_output=True, text=True)
    assert run.stdout == "anything []\n", run.stderr
    command = [environment / "bin" / "model-monitor", "card", "--check", card]
    checked = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert checked.stdout.startswith("anything 1.2.3: 6 inputs"), checked.stderr


@pytest.mark.slow
def test_the_wheel_holds_types_and_schema(wheel):
    names = ZipFile(wheel).namelist()
    assert "model_monitor/py.typed" in names
    assert "model_monitor/card/card.schema.json" in names
    modules = {
        str(p.relative_to(LIBRARY)) for p in LIBRARY.glob("model_monitor/**/*.py")
    }
    assert modules <= set(names)
