"""Deploys a model that misbehaves: the shipped tree, in a wrapper of models/."""

import json
import pickle
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
from credit_analyzer.model import ARTIFACTS

# Importable here while it is pickled, and in an analyzer that is given its path.
MODELS = Path(__file__).with_name("models")


def deploy(folder, wrapper, *arguments):
    """Makes `folder`, of a model and its card; `wrapper` is "module.Class".

    The class is called with the tree and `arguments`.
    """
    module, _, name = wrapper.rpartition(".")
    with (ARTIFACTS / "model.pkl").open("rb") as file:
        tree = pickle.load(file)  # noqa: S301 - the shipped one
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(MODELS))
        pickled = pickle.dumps(getattr(import_module(module), name)(tree, *arguments))
    sys.modules.pop(module)
    folder.mkdir()
    (folder / "model.pkl").write_bytes(pickled)
    card = json.loads((ARTIFACTS / "model.json").read_text())
    card |= {"sha256": sha256(pickled).hexdigest(), "version": module}
    (folder / "model.json").write_text(json.dumps(card))
    return folder
