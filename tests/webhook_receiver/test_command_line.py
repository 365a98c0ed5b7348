"""Options that are wrong stop the start with a sentence."""

import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
import yaml
from webhook_receiver.__main__ import main
from webhook_receiver.alertmanager.reconciliation import (
    ASK_SECONDS,
    RECEIVER_NAME,
    RESEND,
)
from webhook_receiver.store.history import REPEAT

ROOT = Path(__file__).parents[2]


@pytest.fixture
def serve(tmp_path):
    """Starts the receiver with more options than it needs."""
    files = ["--history", str(tmp_path / "h"), "--token-file", str(tmp_path / "t")]
    return lambda *options: main(["serve", "--port", "0", *files, *map(str, options)])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--alertmanager", "alertmanager:9093"], "an http or https URL is expected"),
        (["--alertmanager", "http://a/?b"], "a URL without a query is expected"),
        (["--reconcile-seconds", "0"], "expected a positive number"),
        (["--resend-seconds", "nan"], "expected a positive number"),
        (["--repeat-hours", "inf"], "expected a positive number"),
        (["--watchdog-seconds", "-1"], "expected a positive number"),
        (["--watchdog-seconds", "soon"], "expected a positive number"),
        (["--alertmanager-username", "a"], "are a pair"),
        (["--alertmanager-password-file", "a"], "are a pair"),
        (
            [
                *("--alertmanager-username", "a", "--alertmanager-password-file", "b"),
                *("--alertmanager-token-file", "c"),
            ],
            "a password or a token, not both",
        ),
    ],
)
def test_an_invalid_option_is_refused(serve, options, complaint, capsys):
    with pytest.raises(SystemExit):
        serve(*options)
    assert complaint in capsys.readouterr().err


def test_a_password_in_a_url_is_refused_and_not_quoted(serve, capsys):
    with pytest.raises(SystemExit):
        serve("--alertmanager", "http://user:geheim@alertmanager:9093")
    error = capsys.readouterr().err
    assert "credentials belong in files, not in the URL" in error
    assert "geheim" not in error


def test_an_unreadable_authority_stops_the_start(serve, tmp_path):
    with pytest.raises(
        SystemExit, match=r"does not start: .*none\.pem: .*No such file"
    ):
        serve(
            *("--alertmanager", "https://a"),
            *("--alertmanager-cafile", tmp_path / "none.pem"),
        )


def test_a_port_in_use_stops_the_start(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = f"does not start: cannot listen on 127.0.0.1:{port}: "
        with pytest.raises(SystemExit, match=sentence):
            serve("--port", port)


def test_a_key_of_another_certificate_stops_the_start(serve, tmp_path):
    for name in ("one", "other"):
        signed = trustme.CA().issue_cert("127.0.0.1")
        signed.private_key_pem.write_to_path(tmp_path / f"{name}.key")
        signed.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
    pairs = [("one.pem", "other.key"), ("one.pem", "none.key"), ("one.key", "one.pem")]
    for certificate, key in pairs:
        files = tmp_path / certificate, tmp_path / key
        sentence = f"does not start: certificate {files[0]}, key {files[1]}: "
        with pytest.raises(SystemExit, match=sentence):
            serve("--certfile", files[0], "--keyfile", files[1])
    with pytest.raises(SystemExit, match="does not start: certificate"):
        serve("--certfile", tmp_path / "one.pem")


def test_a_token_that_every_user_can_write_stops_the_start(serve, tmp_path):
    (tmp_path / "t").touch()
    (tmp_path / "t").chmod(0o646)
    with pytest.raises(SystemExit, match="does not start: every user of this machine"):
        serve()


def test_the_defaults_are_those_of_the_configuration():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    config = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text())
    assert config["route"]["receiver"] == RECEIVER_NAME
    repeat = re.fullmatch(r"(\d+)h", config["route"]["repeat_interval"])
    assert timedelta(hours=int(repeat[1])) == REPEAT
    [resend] = [
        re.fullmatch(r"--rules\.alert\.resend-delay=(\d+)s", option)
        for option in compose["prometheus"]["command"]
        if "resend-delay" in option
    ]
    # As long as it is not shorter than what it is there, nothing ends too soon.
    assert timedelta(seconds=int(resend[1])) <= RESEND
    assert ASK_SECONDS == 60
    assert (
        "--alertmanager=http://alertmanager:9093"
        in (compose["webhook-receiver"]["command"])
    )
