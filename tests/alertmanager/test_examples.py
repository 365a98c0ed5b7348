"""alertmanager/examples in the shipped configuration, as amtool sees them."""

import re

import pytest

from tests.alertmanager.outside import (
    EXAMPLES,
    SECRETS,
    amtool,
    skip_if_too_old,
    usable,
    version,
    with_examples,
)

each_example = pytest.mark.parametrize("example", EXAMPLES)


@each_example
def test_amtool_accepts_an_example(binaries, tmp_path, example):
    found = version(binaries)
    skip_if_too_old(example, found)
    file = tmp_path / "alertmanager.yml"
    file.write_text(with_examples([example], found))
    result = amtool(binaries, "check-config", file)
    assert result.returncode == 0, result.stdout + result.stderr


def test_amtool_accepts_the_older_name_of_teams(binaries, tmp_path):
    found = version(binaries)
    skip_if_too_old("teams", found)
    text = with_examples(["teams"], found)
    file = tmp_path / "alertmanager.yml"
    file.write_text(text.replace("msteamsv2_configs:", "msteams_configs:"))
    result = amtool(binaries, "check-config", file)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            ["alertname=DecisionDrift", "severity=critical"],
            {"slack", "email", "pagerduty", "teams", "own-webhook", "webhook-receiver"},
        ),
        (
            ["alertname=InputDrift", "severity=warning"],
            {"slack", "email", "teams", "own-webhook", "webhook-receiver"},
        ),
        (["alertname=ModelOld", "severity=info"], {"own-webhook", "webhook-receiver"}),
        (
            ["alertname=MonitorWatchdog", "severity=info"],
            {"dead-mans-switch", "watchdog"},
        ),
    ],
    ids=["critical", "warning", "info", "watchdog"],
)
def test_amtool_routes_alerts_outside_and_into_the_history(
    binaries, tmp_path, labels, expected
):
    found = version(binaries)
    file = tmp_path / "alertmanager.yml"
    file.write_text(with_examples(usable(found), found))
    command = ("config", "routes", "test", f"--config.file={file}")
    result = amtool(binaries, *command, *labels)
    unusable = EXAMPLES.keys() - usable(found)
    assert set(result.stdout.strip().split(",")) == expected - unusable


@each_example
def test_secrets_are_read_from_files(example):
    text = EXAMPLES[example]
    read = re.findall(rf"(\w+): {SECRETS}/([\w-]+)$", text, re.M)
    assert read
    assert all(option.endswith("_file") for option, _ in read)
    # The comment on top names each file.
    named = re.findall(r"^# ([a-z-]+): ", text, re.M)
    assert [file for _, file in read] == named
