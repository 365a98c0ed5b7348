"""The commands of docs/operations.md, run as they are written."""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from webhook_receiver.__main__ import main
from webhook_receiver.store.history import History

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = [
    shlex.split(line)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
RECEIVER = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][
    "webhook-receiver"
]
NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)


def test_the_commands_back_up_and_restore_a_history(tmp_path, received, alert):
    history = History(tmp_path / "alerts.sqlite")
    history.record(received(alert()), NOW)
    history.close()
    commands = [words for words in COMMANDS if words[0] == "python"]
    assert [words[3] for words in commands] == ["backup", "restore"]
    for _, *words in commands:
        subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "webhook-receiver")},
            check=True,
        )
    assert len(list(tmp_path.glob("alerts.sqlite.replaced-*"))) == 1
    restored = History(tmp_path / "alerts.sqlite")
    assert len(restored.newest(10)) == 1
    restored.close()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_the_commands_of_compose_name_its_history(command, tmp_path):
    [words] = [w for w in COMMANDS if w[0] == "docker" and command in w]
    start = words.index(command)
    history = f"--history={words[words.index('--history') + 1]}"
    assert history in RECEIVER["command"]
    # They are parsed, and fail because there is no such file here.
    with pytest.raises(SystemExit, match="unable to open database file"):
        main(words[start:])


def test_the_file_is_copied_from_the_volume():
    [volume] = [v for v in RECEIVER["volumes"] if v.startswith("webhook-receiver:")]
    folder = volume.partition(":")[2]
    [source] = [w[-2] for w in COMMANDS if w[:3] == ["docker", "compose", "cp"]]
    assert source == f"webhook-receiver:{folder}/backup.sqlite"
    [backup] = [w for w in COMMANDS if w[0] == "docker" and "backup" in w]
    assert backup[-1] == f"{folder}/backup.sqlite"
