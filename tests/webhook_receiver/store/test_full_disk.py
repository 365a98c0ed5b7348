"""While the disk is full, notifications are refused, and Alertmanager repeats them."""

import resource
from contextlib import contextmanager

import pytest
from webhook_receiver.app import create_app

PAGES = "PRAGMA max_page_count"


@contextmanager
def no_larger_files(history, file):
    """No file of this process may grow: "disk I/O error"."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    grown = max(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (grown, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_more_pages(history, file):
    """SQLite's own limit: "database or disk is full"."""
    [[before]] = history._select(PAGES)
    [[pages]] = history._select("PRAGMA page_count")
    history._select(f"{PAGES} = {pages}")
    yield
    history._select(f"{PAGES} = {before}")


@pytest.fixture(params=[no_larger_files, no_more_pages])
def full_disk(request, history, tmp_path):
    """While it is entered, there is no room."""
    return lambda: request.param(history, tmp_path / "alerts.sqlite")


@pytest.fixture
def client(history, tmp_path, registry):
    (tmp_path / "token").write_text("secret")
    return create_app(history, tmp_path / "token", registry).test_client()


@pytest.fixture
def send(client, alert, notification):
    """Sends 100 alerts, too many for the pages in use; returns the status."""

    def send(name):
        alerts = [alert(fingerprint=f"{name}-{i}") for i in range(100)]
        body = notification(*alerts)
        headers = {"Authorization": "Bearer secret"}
        return client.post("/notifications", json=body, headers=headers).status_code

    return send


def test_notifications_are_answered_503_and_counted_while_the_disk_is_full(
    full_disk, send, registry, log
):
    assert send("before") == 204
    with full_disk():
        assert [send("during") for _ in range(3)] == [503, 503, 503]
    name = "webhook_receiver_notifications_total"
    assert registry.get_sample_value(name, {"outcome": "failed"}) == 3
    assert registry.get_sample_value(name, {"outcome": "stored"}) == 1
    assert [line["outcome"] for line in log()[100:]] == ["failed"] * 3


def test_the_history_can_be_read_while_the_disk_is_full(full_disk, client, send):
    assert send("before") == 204
    with full_disk():
        assert send("during") == 503
        assert len(client.get("/alerts?limit=1000").json["alerts"]) == 100
        assert client.get("/").status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.get("/healthz").status_code == 200


def test_notifications_are_stored_again_once_there_is_room(
    full_disk, client, send, log
):
    assert send("before") == 204
    with full_disk():
        assert send("during") == 503
    assert send("during") == 204
    stored = client.get("/alerts?limit=1000").json["alerts"]
    logged = [line for line in log() if line["event"] == "alert"]
    assert len(stored) == len(logged) == 200


def test_a_full_disk_is_not_damage(full_disk, history, send):
    assert send("before") == 204
    with full_disk():
        assert send("during") == 503
    assert history.file.damaged_files() == []
