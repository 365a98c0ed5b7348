"""What a person reads of an alert, in each service outside."""

from datetime import UTC, datetime

import pytest

from tests.alertmanager.outside import skip_if_too_old

pytestmark = pytest.mark.slow

STARTED = "2026-01-02T03:04:05Z"
RUNBOOK = "http://127.0.0.1:8080/runbook#decisiondrift"
DASHBOARD = "http://127.0.0.1:3000/d/model?viewPanel=panel-10&var-model=tree"
DESCRIPTION = "APPROVED 6 % (30 % expected). Since 03:02, 1,212 applications."


def alert(model, *, name="DecisionDrift", severity="critical", **annotations):
    """An alert about `model`, as Prometheus sends one."""
    return {
        "labels": {
            "alertname": name,
            "severity": severity,
            "job": "credit-analyzer",
            "model": model,
            "model_version": "1.0.0",
            "signal": "decision",
            "role": "decision",
            "direction": "DENIED",
        },
        "annotations": annotations,
        "startsAt": STARTED,
    }


def summary(model):
    return f"{model} 1.0.0 decides DENIED for 82 % of applications; 50 % expected."


def drift(model, **changes):
    annotations = {
        "summary": summary(model),
        "description": DESCRIPTION,
        "runbook_url": RUNBOOK,
        "dashboard_url": DASHBOARD,
    }
    return alert(model, **annotations | changes)


def text_of(model, when="Firing since 2026-01-02 03:04:05 UTC."):
    """What `monitor.alerts` makes of `drift(model)`."""
    labels = (
        "alertname=DecisionDrift, direction=DENIED, job=credit-analyzer, "
        f"model={model}, model_version=1.0.0, role=decision, severity=critical, "
        "signal=decision"
    )
    lines = (
        summary(model),
        DESCRIPTION,
        when,
        f"Runbook: {RUNBOOK}",
        f"Dashboard: {DASHBOARD}",
        f"Labels: {labels}",
    )
    return "\n\n".join(lines)


def starting_now(alert):
    """`alert`, so recent that Alertmanager waits for others of its group.

    It does not if an alert is older than `group_wait`.
    """
    return alert | {"startsAt": datetime.now(UTC).isoformat()}


def resolved(alert):
    return alert | {"endsAt": "2026-01-02T03:14:05Z"}


RESOLVED = "Firing since 2026-01-02 03:04:05 UTC, resolved at 03:14:05 UTC."


def test_slack_shows_the_description_and_links(outside):
    outside.send(drift("for-slack"))
    sent = outside.slack.next("for-slack")
    assert sent.path == "/services/secret"
    [message] = sent.body["attachments"]
    assert message["title"] == f"[FIRING, critical] {summary('for-slack')}"
    assert message["fallback"] == message["title"]
    assert message["color"] == "danger"
    assert message["text"] == (
        f"{DESCRIPTION}\n"
        "Firing since 2026-01-02 03:04:05 UTC. "
        f"<{RUNBOOK}|Runbook> <{DASHBOARD}|Dashboard>"
    )


def test_slack_shows_that_the_alert_is_resolved(outside):
    alert = drift("ends-in-slack")
    outside.send(alert)
    outside.slack.next("ends-in-slack")
    outside.send(resolved(alert))
    [message] = outside.slack.next("ends-in-slack").body["attachments"]
    assert message["title"] == f"[RESOLVED, critical] {summary('ends-in-slack')}"
    assert message["color"] == "good"
    assert RESOLVED in message["text"]


def test_slack_does_not_read_values_as_markup(outside):
    outside.send(drift("<m&m>", description="income < 2500 & score > 0.4"))
    [message] = outside.slack.next("0.4").body["attachments"]
    assert message["title"].startswith("[FIRING, critical] &lt;m&amp;m&gt; 1.0.0")
    assert message["text"].startswith("income &lt; 2500 &amp; score &gt; 0.4\n")


def test_slack_shows_an_alert_without_annotations_by_its_name(outside):
    outside.send(alert("bare", name="OtherTeams", severity="warning"))
    [message] = outside.slack.next("OtherTeams").body["attachments"]
    assert message["title"] == "[FIRING, warning] OtherTeams"
    assert message["color"] == "warning"
    assert message["text"] == "Firing since 2026-01-02 03:04:05 UTC."


def test_slack_lists_every_alert_of_an_event(outside):
    # Severities of one event, which is one group, and so one message.
    both = drift("two"), drift("two", summary="two: worse.", description="By far.")
    both[0]["labels"]["severity"] = "warning"
    outside.send(*map(starting_now, both))
    [message] = outside.slack.next("By far").body["attachments"]
    assert message["title"].startswith("[FIRING, critical, 2 alerts] ")
    assert {f"*{summary('two')}*", "*two: worse.*"} <= set(message["text"].split("\n"))
    assert {DESCRIPTION, "By far."} <= set(message["text"].split("\n"))


def test_email_is_plain_text_with_everything_in_it(outside):
    outside.send(drift("by-mail"))
    mail = outside.mail.next("by-mail")
    assert (mail.user, mail.password) == ("credit-monitor@example.com", "mail secret")
    assert mail.to == "risk-team@example.com"
    assert mail.subject == f"[FIRING, critical] {summary('by-mail')}"
    assert mail.text.splitlines() == [
        *text_of("by-mail").splitlines(),
        "",
        f"All alerts and silences: {outside.url}",
    ]


def test_one_email_is_about_all_signals_of_a_model(outside):
    alerts = drift("one-mail"), drift("one-mail", summary="Incomes fell.")
    alerts[1]["labels"] |= {"alertname": "InputDrift", "severity": "warning"}
    outside.send(*map(starting_now, alerts))
    mail = outside.mail.next("one-mail")
    assert mail.subject.startswith("[FIRING, critical, 2 alerts] ")
    assert summary("one-mail") in mail.text
    assert "Incomes fell." in mail.text


def test_pagerduty_opens_and_resolves_one_incident(outside):
    alert = drift("in-pagerduty")
    outside.send(alert)
    opened = outside.pagerduty.next("in-pagerduty").body
    assert opened["routing_key"] == "pagerduty secret"
    assert opened["event_action"] == "trigger"
    payload = opened["payload"]
    assert payload["summary"] == f"[FIRING, critical] {summary('in-pagerduty')}"
    assert payload["severity"] == "critical"
    assert payload["class"] == "DecisionDrift"
    assert payload["component"] == "in-pagerduty"
    assert payload["group"] == "credit-analyzer"
    assert payload["custom_details"]["firing"] == text_of("in-pagerduty")
    assert opened["links"] == [{"href": RUNBOOK, "text": "Runbook"}]
    outside.send(resolved(alert))
    closed = outside.pagerduty.next("in-pagerduty").body
    assert closed["event_action"] == "resolve"
    assert closed["dedup_key"] == opened["dedup_key"]


def test_pagerduty_links_to_alertmanager_without_a_runbook(outside):
    outside.send(drift("no-runbook", runbook_url=""))
    sent = outside.pagerduty.next("no-runbook").body
    assert sent["links"] == [{"href": outside.url, "text": "Runbook"}]


def test_pagerduty_is_not_sent_a_warning(outside):
    warning = drift("warns")
    warning["labels"]["severity"] = "warning"
    outside.send(warning)
    outside.slack.next("warns")
    outside.send(drift("pages-after-it"))
    first = outside.pagerduty.next(" 1.0.0 decides")
    while "pages-after-it" not in str(first):
        assert "warns" not in str(first)
        first = outside.pagerduty.next(" 1.0.0 decides")


def test_teams_shows_a_card_with_everything_in_it(outside):
    skip_if_too_old("teams", outside.version)
    outside.send(drift("in-teams"))
    sent = outside.teams.next("in-teams")
    assert sent.path == "/workflows/secret"
    [attachment] = sent.body["attachments"]
    title, text = (block["text"] for block in attachment["content"]["body"])
    assert title == f"[FIRING, critical] {summary('in-teams')}"
    assert text == (f"{text_of('in-teams')}\n\nAll alerts and silences: {outside.url}")


def test_own_webhook_is_sent_every_label_and_annotation(outside):
    sent_alert = drift("to-webhook")
    outside.send(sent_alert)
    sent = outside.webhook.next("to-webhook")
    assert sent.path == "/notifications"
    assert sent.headers["authorization"] == "Bearer webhook secret"
    assert sent.body["version"] == "4"
    [received] = sent.body["alerts"]
    assert received["status"] == "firing"
    assert received["labels"] == sent_alert["labels"]
    assert received["annotations"] == sent_alert["annotations"]


def test_dead_mans_switch_is_called_again_and_again(outside):
    outside.send(alert("none", name="MonitorWatchdog", severity="info"))
    for _ in range(3):
        sent = outside.switch.next("MonitorWatchdog")
        assert sent.path == "/secret"
        assert sent.body["status"] == "firing"


def test_the_receiver_is_sent_what_goes_outside_too(outside):
    outside.send(drift("kept"))
    sent = outside.history.next("kept")
    assert sent.path == "/notifications"
    assert sent.headers["authorization"] == "Bearer history secret"
