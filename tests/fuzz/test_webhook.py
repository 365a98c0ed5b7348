"""Notifications that Alertmanager would not send."""

import json

import pytest
from hypothesis import example
from hypothesis import strategies as st
from webhook_receiver.alerts import InvalidPayload, parse_list

from tests.fuzz.cases import cases
from tests.fuzz.hostile import check_sentence, json_values, mutations, texts
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
def test_a_notification_is_stored_or_refused_counted_and_logged(receiver, body):
    before = receiver.notifications()
    response, log = receiver.notify(body)
    after = receiver.notifications()
    outcome = "stored" if response.status_code == 204 else "invalid"
    assert after == before | {outcome: before[outcome] + 1}
    if outcome == "stored":
        fields = json.loads(body)
        lines = [line for line in log if line["event"] == "alert"]
        assert len(lines) <= len(fields["alerts"])
        # The other line is of alerts that were left out.
        assert len(log) - len(lines) == bool(fields.get("truncatedAlerts"))
        return
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    [line] = log
    assert (line["event"], line["outcome"]) == ("notification", "invalid")
    assert len(line["detail"]) < 1_000


@cases(body=bodies)
def test_a_watchdog_is_accepted_or_refused(receiver, body):
    response, log = receiver.notify(body, "/watchdog")
    assert response.status_code in (204, 400)
    assert len(log) == (response.status_code == 400)


LISTED = [
    ALERT
    | {
        "receivers": [{"name": "webhook-receiver"}],
        "status": {"state": "suppressed", "silencedBy": ["x"], "inhibitedBy": []},
    }
]
lists = st.one_of(mutations(LISTED), json_values).map(lambda each: json.dumps(each))


@cases(body=st.one_of(lists.map(str.encode), st.binary(max_size=100)))
@example(body=b'[{"labels": {"a": "\\ud800"}}]')
def test_a_list_of_alertmanager_is_read_or_refused(body):
    try:
        alerts = parse_list(body)
    except InvalidPayload as error:
        check_sentence(error)
    else:
        assert len(alerts) == len(json.loads(body))


latin = texts.map(lambda text: text.encode("utf-8", "replace").decode("latin-1"))


@cases(token=latin.filter(lambda text: text != TOKEN and not {*text} & {*"\r\n"}))
def test_a_request_with_another_token_is_refused_and_logged(receiver, token):
    response, [line] = receiver.notify(b"", token=token)
    assert response.status_code == 401
    assert line["outcome"] == "unauthorized"


@cases(
    path=st.sampled_from(
        ["/", "/alerts", "/runbook", "/healthz", "/metrics", "/nothing"]
    ),
    query=st.dictionaries(
        st.sampled_from(["state", "model", "q", "page", "refresh", "limit", "name[]"]),
        st.one_of(texts, st.sampled_from(["firing", "off", "1", "9999", "0"])),
    ),
)
def test_any_page_can_be_requested(receiver, path, query):
    clean = {name: v.encode(errors="replace") for name, v in query.items()}
    assert receiver.client.get(path, query_string=clean).status_code in (200, 404, 422)
