"""The system here starts with the options of the Compose file."""

from pathlib import Path

import pytest

from stack import configuration

LOCAL = {
    "--config.file": Path("here/prometheus.yml"),
    "--storage.tsdb.path": "here",
    "--web.listen-address": "127.0.0.1:1",
    "--web.external-url": "http://127.0.0.1:1",
}


def test_options_are_those_of_compose_with_local_values():
    command = configuration.command("prometheus", LOCAL)
    assert command[0] == "--config.file=here/prometheus.yml"
    assert "--web.listen-address=127.0.0.1:1" in command
    assert "--rules.alert.resend-delay=30s" in command
    assert configuration.command("webhook-token", {"--token-file": "t"}) == [
        "token",
        "--token-file=t",
    ]


def test_a_local_value_for_an_option_that_compose_has_not_is_refused():
    with pytest.raises(ValueError, match="Compose starts prometheus without --gone"):
        configuration.command("prometheus", {**LOCAL, "--gone": 1})


def test_a_variable_without_a_local_value_is_refused():
    del (local := dict(LOCAL))["--web.external-url"]
    with pytest.raises(ValueError, match=r"no local value for --web\.external-url="):
        configuration.command("prometheus", local)
