from datetime import UTC, datetime

import pytest
from webhook_receiver.alerts import InvalidNotification, parse


def test_a_firing_alert_has_no_end(alert, notification):
    [parsed] = parse(notification(alert()))
    assert parsed.status == "firing"
    assert parsed.starts_at == datetime(2026, 11, 22, 11, 0, 39, 916_000, UTC)
    assert parsed.ends_at is None
    assert parsed.labels["signal"] == "decision"


def test_a_resolved_alert_has_one(resolved, notification):
    [parsed] = parse(notification(resolved()))
    assert parsed.ends_at == datetime(2026, 11, 22, 11, 2, 24, 916_000, UTC)


def test_times_of_other_zones_and_nanoseconds_are_read(alert, notification):
    [parsed] = parse(
        notification(alert(startsAt="2026-11-22T08:00:39.916123456-03:00"))
    )
    assert parsed.starts_at == datetime(2026, 11, 22, 11, 0, 39, 916_123, UTC)


@pytest.mark.parametrize("body", [None, [], "text", 1, {}])
def test_what_is_no_notification_is_refused(body):
    with pytest.raises(InvalidNotification, match="version must be of type str"):
        parse(body)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": "3"}, "version must be '4', it is '3'"),
        ({"alerts": []}, "at least one alert"),
        ({"alerts": {}}, "alerts must be of type list"),
        ({"alerts": ["x"]}, r"alerts\[0\]\.status must be of type str"),
    ],
)
def test_a_notification_at_fault_is_named(notification, change, complaint):
    with pytest.raises(InvalidNotification, match=complaint):
        parse(notification(**change))


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
def test_an_alert_at_fault_is_named(alert, notification, change, complaint):
    with pytest.raises(InvalidNotification, match=complaint):
        parse(notification(alert(), alert(**change)))


def test_the_end_of_an_alert_that_fires_does_not_matter(alert, notification):
    [parsed] = parse(notification(alert(endsAt="whenever")))
    assert parsed.ends_at is None
