import json
from datetime import UTC, datetime

import pytest
from webhook_receiver.alerts import InvalidPayload, parse_list, parse_notification


def parse(fields):
    return parse_notification(json.dumps(fields).encode())


def test_a_firing_alert_has_no_end(alert, notification):
    [parsed] = parse(notification(alert())).alerts
    assert parsed.status == "firing"
    assert parsed.starts_at == datetime(2026, 11, 22, 11, 0, 39, 916_000, UTC)
    assert parsed.ends_at is None
    assert parsed.labels["signal"] == "decision"


def test_a_resolved_alert_has_an_end(resolved, notification):
    [parsed] = parse(notification(resolved())).alerts
    assert parsed.ends_at == datetime(2026, 11, 22, 11, 2, 24, 916_000, UTC)


def test_times_of_other_zones_and_nanoseconds_are_read(alert, notification):
    changed = alert(startsAt="2026-11-22T08:00:39.916123456-03:00")
    [parsed] = parse(notification(changed)).alerts
    assert parsed.starts_at == datetime(2026, 11, 22, 11, 0, 39, 916_123, UTC)


def test_alerts_that_were_left_out_are_counted(alert, notification):
    assert parse(notification(alert(), truncatedAlerts=3)).truncated == 3
    older = notification(alert())
    del older["truncatedAlerts"]
    assert parse(older).truncated == 0


@pytest.mark.parametrize("body", [None, [], "text", 1, {}])
def test_a_body_that_is_no_notification_is_refused(body):
    with pytest.raises(InvalidPayload, match="version must be of type str"):
        parse(body)


def test_a_text_that_no_file_can_hold_is_refused(alert, notification):
    # Half of a character, which JSON can escape.
    with pytest.raises(InvalidPayload, match="must be JSON"):
        parse(notification(alert(labels={"alertname": "\ud800"})))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": "3"}, "version must be '4', it is '3'"),
        ({"alerts": []}, "at least one alert"),
        ({"alerts": {}}, "alerts must be of type list"),
        ({"alerts": ["x"]}, r"alerts\[0\]\.status must be of type str"),
        ({"truncatedAlerts": "1"}, "truncatedAlerts must be of type int"),
        ({"truncatedAlerts": True}, "truncatedAlerts must be of type int"),
        ({"truncatedAlerts": -1}, "truncatedAlerts must not be negative"),
        ({"truncatedAlerts": 10**400}, "truncatedAlerts must be at most"),
    ],
)
def test_the_field_at_fault_of_a_notification_is_named(
    alert, notification, change, complaint
):
    with pytest.raises(InvalidPayload, match=complaint):
        parse(notification(alert()) | change)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "burning"}, r"alerts\[1\]\.status must be firing or resolved"),
        ({"fingerprint": ""}, r"alerts\[1\]\.fingerprint must have 1 to 64"),
        ({"startsAt": "soon"}, r"alerts\[1\]\.startsAt must be a time"),
        ({"startsAt": "2026-11-22T11:00:39"}, r"alerts\[1\]\.startsAt must be a time"),
        ({"startsAt": 5}, r"alerts\[1\]\.startsAt must be of type str"),
        ({"labels": {"a": 1}}, r"alerts\[1\]\.labels must map names to strings"),
        ({"annotations": None}, r"alerts\[1\]\.annotations must be of type dict"),
        ({"generatorURL": None}, r"alerts\[1\]\.generatorURL must be of type str"),
    ],
)
def test_the_field_at_fault_of_an_alert_is_named(
    alert, notification, change, complaint
):
    with pytest.raises(InvalidPayload, match=complaint):
        parse(notification(alert(), alert(**change)))


def test_the_end_of_a_firing_alert_does_not_matter(alert, notification):
    [parsed] = parse(notification(alert(endsAt="whenever"))).alerts
    assert parsed.ends_at is None


def parse_listed(*alerts):
    return parse_list(json.dumps(alerts).encode())


def test_a_listed_alert_fires_and_names_its_receivers(listed):
    [parsed] = parse_listed(listed(receivers=[{"name": "a"}, {"name": "b"}]))
    assert (parsed.alert.status, parsed.alert.ends_at) == ("firing", None)
    assert parsed.receivers == {"a", "b"}
    assert parsed.suppressed == ""


def test_a_listed_alert_may_have_no_query(listed):
    # Alertmanager omits the field if it is empty.
    without = listed()
    del without["generatorURL"]
    assert parse_listed(without)[0].alert.generator_url == ""


@pytest.mark.parametrize(
    ("field", "suppressed"),
    [
        ("silencedBy", "silenced"),
        ("inhibitedBy", "inhibited"),
        ("mutedBy", "muted"),
    ],
)
def test_a_listed_alert_says_why_it_is_suppressed(listed, field, suppressed):
    [parsed] = parse_listed(listed(status={"state": "suppressed", field: ["x"]}))
    assert parsed.suppressed == suppressed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "active"}, r"\[0\]\.status must be of type dict"),
        ({"receivers": None}, r"\[0\]\.receivers must be of type list"),
        ({"receivers": ["a"]}, r"\[0\]\.receivers\.name must be of type str"),
        ({"startsAt": ""}, r"\[0\]\.startsAt must be a time"),
    ],
)
def test_the_field_at_fault_of_a_listed_alert_is_named(listed, change, complaint):
    with pytest.raises(InvalidPayload, match=complaint):
        parse_listed(listed(**change))


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_list_is_refused(body):
    with pytest.raises(InvalidPayload, match="the body must be"):
        parse_list(body)
