"""The examples of the library, run as their first lines say."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_monitor.drafting.make import Wishes, make
from model_monitor.drafting.table import read_table
from prometheus_client.parser import text_string_to_metric_families
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from stack.environments import python_of
from stack.ports import free_port
from stack.process import Process, local

pytestmark = pytest.mark.slow

LIBRARY = Path(__file__).parents[2] / "model-monitor"
EXAMPLES = LIBRARY / "examples"
GOOD = {"amount": 20_000, "colour": "red"}
WRONG = {"amount": "much", "colour": "red"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model over raw fields, with its card; and the table it was fitted on."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.integers(100, 50_000, 1_000),
            "colour": rng.choice(["red", "blue"], 1_000),
        }
    )
    columns = ColumnTransformer(
        [("texts", OneHotEncoder(), ["colour"])], remainder="passthrough"
    )
    tree = DecisionTreeClassifier(max_depth=3)
    classifier = make_pipeline(columns, tree).fit(frame, frame.amount > 10_000)
    (folder / "model.pkl").write_bytes(pickle.dumps(classifier))
    frame.to_csv(folder / "table.csv", index=False)
    frame.to_parquet(folder / "table.parquet")
    wishes = Wishes(name="shop", decide="NO:0.5,YES", positive_class="True")
    made = make(folder / "model.pkl", read_table(folder / "table.csv"), wishes)
    (folder / "model.json").write_text(json.dumps(made.fields))
    return folder


@pytest.fixture
def serve(tmp_path, folder):
    """Starts an example. Returns its address, once it answers."""
    processes = []

    def serve(path, *command, **environment):
        port = free_port(0)
        arguments = [str(part).format(port=port) for part in command]
        own = {
            "MODEL": str(folder),
            "PYTHONPATH": f"{LIBRARY}{os.pathsep}{EXAMPLES}",
            "NO_PROXY": "127.0.0.1",
        }
        process = Process(
            "example", arguments, tmp_path / "log", os.environ | own | environment
        )
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url + path)
        return url

    yield serve
    for process in processes:
        process.stop()


def counted(url):
    """Decisions and refusals, by what a scrape finds."""
    text = local().get(f"{url}/metrics").text
    samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
    decisions = {
        s.labels["decision"]: s.value
        for s in samples
        if s.name == "shop_decisions_total"
    }
    refused = sum(
        s.value for s in samples if s.name == "shop_refused_applications_total"
    )
    return decisions, refused


def check(url, form=lambda application: application, refusal=422):
    ask = local()
    answer = ask.post(f"{url}/predict", json=form(GOOD))
    assert answer.json() == {"score": 1.0, "decision": "YES"}
    assert ask.post(f"{url}/predict", json=form(WRONG)).status_code == refusal
    assert counted(url) == ({"NO": 0, "YES": 1}, 1)


def test_flask(serve):
    command = ["-m", "flask", "--app", "flask_app", "run", "--port", "{port}"]
    check(serve("/metrics", sys.executable, *command))


def test_fastapi(serve, folder):
    requirements = Path(__file__).with_name("fastapi.txt")
    python = python_of(requirements)
    command = ["-m", "uvicorn", "fastapi_app:app", "--port", "{port}"]
    check(serve("/metrics/", python, *command))


def test_bentoml(serve, tmp_path):
    python = python_of(Path(__file__).with_name("bentoml.txt"))
    command = [
        "-m",
        "bentoml",
        "serve",
        "bentoml_service:Decisions",
        "--port",
        "{port}",
    ]
    url = serve("/readyz", python, *command, BENTOML_HOME=str(tmp_path / "bento"))
    check(url, lambda application: {"application": application}, refusal=400)


def test_a_nightly_job(folder, tmp_path):
    scored = tmp_path / "scored.parquet"
    command = [
        *(sys.executable, EXAMPLES / "nightly.py", folder, folder / "table.parquet"),
        *(scored, tmp_path, "0"),
    ]
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.stdout == "1000 counted, 0 refused\n", done.stderr
    assert 'shop_decisions_total{decision="YES"' in (tmp_path / "shop.prom").read_text()
    assert len(pd.read_parquet(scored)) == 1_000
