"""docs/notify.md, followed to the letter where that takes no Docker."""

import os
import re
import shlex
import shutil
import stat
import subprocess

import pytest
import yaml

from tests import compose
from tests.alertmanager.outside import (
    EXAMPLES,
    FOLDER,
    ROOT,
    SECRETS,
    added,
    amtool,
    with_examples,
)
from tests.alertmanager.test_messages import drift

PAGE = (ROOT / "docs" / "notify.md").read_text()
NOTIFY = ROOT / "docker-compose.notify.yml"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def commands(program):
    """The lines of the page that run `program`."""
    lines = "".join(blocks("console")).splitlines()
    found = [line for line in lines if line.startswith(f"{program} ")]
    assert found
    return found


def test_table_names_each_example_and_its_secret():
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \| .* \| `([\w-]+)`", PAGE, re.M)
    assert sorted(rows) == sorted(
        (
            f"{name}.yml",
            f"../alertmanager/examples/{name}.yml",
            re.search(rf"{SECRETS}/([\w-]+)", text)[1],
        )
        for name, text in EXAMPLES.items()
    )


def test_secret_can_be_read_by_alertmanager_and_not_by_other_users(tmp_path):
    for command in (*commands("mkdir"), *commands("install")):
        subprocess.run(
            shlex.split(command), cwd=tmp_path, input="a secret", text=True, check=True
        )
    [volume] = compose.load(NOTIFY)["services"]["alertmanager"]["volumes"]
    mounted = tmp_path / volume["source"]
    secret = mounted / "slack-url"
    assert secret.read_text() == "a secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o644
    # The container passes the folder that is mounted, and no folder above it.
    assert stat.S_IMODE(mounted.stat().st_mode) == 0o755
    assert stat.S_IMODE(mounted.parent.stat().st_mode) == 0o700


def test_configuration_begins_as_the_page_shows_it():
    [block] = [block for block in blocks("yaml") if "routes:" in block]
    text = added((FOLDER / "alertmanager.yml").read_text(), EXAMPLES["slack"])
    without_comments = "\n".join(
        line for line in text.splitlines() if not line.lstrip().startswith("#")
    )
    assert f"\n{block}" in without_comments


def test_compose_files_of_the_setting_exist():
    [setting] = blocks("sh")
    name, _, files = setting.strip().partition("=")
    assert name == "COMPOSE_FILE"
    assert [ROOT / file for file in files.split(":")] == [compose.FILE, NOTIFY]


@pytest.fixture
def clone(tmp_path):
    """A folder with alertmanager/, to which the example of Slack was added."""
    shutil.copytree(FOLDER, tmp_path / "alertmanager")
    file = tmp_path / "alertmanager" / "alertmanager.yml"
    file.write_text(added(file.read_text(), EXAMPLES["slack"]))
    return tmp_path


def run(command, folder, binaries):
    """Runs a command of the page with this amtool; returns what it prints."""
    # Without the settings that a user of amtool may have.
    environment = {**os.environ, "HOME": str(folder)}
    program, *arguments = shlex.split(command)
    result = subprocess.run(
        [binaries / program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_checks_pass_and_print_what_the_page_says(binaries, clone):
    check, routes = (c for c in commands("amtool") if "alert add" not in c)
    assert "SUCCESS" in run(check, clone, binaries)
    [expected] = re.findall(r"the second prints `(\S+)`", PAGE)
    assert run(routes, clone, binaries).strip() == expected


def test_alert_to_try_it_arrives(outside, binaries, tmp_path):
    [command] = [c for c in commands("amtool") if "alert add" in c]
    assert "http://127.0.0.1:9093" in command
    command = command.replace("http://127.0.0.1:9093", outside.url)
    run(command, tmp_path, binaries)
    [message] = outside.slack.next("A test.").body["attachments"]
    assert message["title"] == "[FIRING, warning] A test."


def test_message_is_the_one_of_the_page(outside):
    [block] = blocks("text")
    title, text = block.split("\n\n", 1)
    summary, description = text.split("\n\n")[:2]
    runbook = text.rpartition("Runbook: ")[2].strip()
    outside.send(
        drift("tree", summary=summary, description=description, runbook_url=runbook)
    )
    mail = outside.mail.next(summary)
    assert mail.subject == title
    assert mail.text.replace("\r\n", "\n").startswith(text)


def test_proxy_is_accepted_where_the_page_puts_it(binaries, tmp_path):
    [block] = [block for block in blocks("yaml") if "proxy_url" in block]
    config = yaml.safe_load(with_examples(["slack"], (0, 25)))
    [slack] = [r for r in config["receivers"] if r["name"] == "slack"]
    slack["slack_configs"][0] |= yaml.safe_load(block)
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config))
    assert "SUCCESS" in amtool(binaries, "check-config", file).stdout


def test_docker_runs_the_version_of_the_page():
    image = compose.load()["services"]["alertmanager"]["image"]
    [version] = re.findall(r"Docker runs Alertmanager ([\d.]+)\.", PAGE)
    assert image.startswith(f"prom/alertmanager:v{version}.")


def test_message_of_the_page_has_the_summary_of_a_rule():
    [block] = blocks("text")
    rules = (ROOT / "prometheus" / "rules" / "drift.yml").read_text()
    assert f"summary: {block.splitlines()[2]}\n" in rules
    assert block.splitlines()[-1].endswith("#modeldecisiondrift")
