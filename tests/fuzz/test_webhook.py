"""Notifications that Alertmanager would not send."""

import json

import pytest
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import json_values, mutations, texts
from tests.fuzz.receiver import ALERT, NOTIFICATION, TOKEN, Receiver


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    receiver = Receiver(tmp_path_factory.mktemp("receiver"))
    series = receiver.series()
    yield receiver
    assert receiver.series() == series
    receiver.close()


notifications = st.one_of(
    mutations(NOTIFICATION),
    mutations(ALERT).map(lambda alert: NOTIFICATION | {"alerts": [alert]}),
    json_values,
)
bodies = st.one_of(
    notifications.map(lambda each: json.dumps(each).encode()),
    notifications.map(
        lambda each: json.dumps(each, ensure_ascii=False).encode(errors="surrogatepass")
    ),
    st.binary(max_size=100),
    st.integers(1, 20_000).map(lambda depth: b"[" * depth),
)


def notification(**changes):
    """The bytes of a notification of one alert."""
    return json.dumps(NOTIFICATION | {"alerts": [ALERT | changes]}).encode()


@cases(body=bodies)
@example(body=notification(labels={"alertname": "\ud800"}))
@example(body=notification(labels={"alertname": '\u2028\x85\n{"time": "forged"}'}))
@example(body=notification(startsAt="9999-12-31T23:59:59-23:59"))
@example(body=json.dumps(NOTIFICATION | {"x": 10**4_000}).encode())
def test_a_notification_is_kept_or_refused_counted_and_logged(receiver, body):
    before = receiver.notifications()
    response, log = receiver.notify(body)
    after = receiver.notifications()
    outcome = "stored" if response.status_code == 204 else "invalid"
    assert after == before | {outcome: before[outcome] + 1}
    if outcome == "stored":
        assert {line["event"] for line in log} <= {"alert"}
        assert len(log) <= len(json.loads(body)["alerts"])
        return
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    [line] = log
    assert (line["event"], line["outcome"]) == ("notification", "invalid")
    assert len(line["detail"]) < 1_000


@cases(body=bodies)
def test_a_watchdog_is_heard_or_refused(receiver, body):
    response, log = receiver.notify(body, "/watchdog")
    assert response.status_code in (204, 400)
    assert len(log) == (response.status_code == 400)


latin = texts.map(lambda text: text.encode("utf-8", "replace").decode("latin-1"))


@cases(token=latin.filter(lambda text: text != TOKEN and not {*text} & {*"\r\n"}))
def test_whoever_does_not_know_the_token_is_refused_and_logged(receiver, token):
    response, [line] = receiver.notify(b"", token=token)
    assert response.status_code == 401
    assert line["outcome"] == "unauthorized"


@cases(
    path=st.sampled_from(
        ["/", "/alerts", "/runbook", "/healthz", "/metrics", "/nothing"]
    ),
    query=st.dictionaries(
        st.sampled_from(["state", "model", "page", "refresh", "limit", "name[]"]),
        st.one_of(texts, st.sampled_from(["firing", "off", "1", "9999", "0"])),
    ),
)
def test_any_page_can_be_asked_for(receiver, path, query):
    clean = {name: v.encode(errors="replace") for name, v in query.items()}
    assert receiver.client.get(path, query_string=clean).status_code in (200, 404, 422)
