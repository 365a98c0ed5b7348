from stack.timeline import Phase, row, table

PHASES = [Phase("baseline", 1_000.0), Phase("hard-times", 1_030.0)]


def alert(**changes):
    return {
        "alertname": "CreditInputDrift",
        "severity": "warning",
        "labels": {"signal": "monthly_income"},
        "annotations": {"description": "64 % at most 2000.0 BRL"},
        "starts_at": "1970-01-01T00:17:22+00:00",
        "ends_at": "1970-01-01T00:18:32.500000+00:00",
        "firing_received_at": "1970-01-01T00:17:23.250000+00:00",
    } | changes


def test_an_alert_is_put_down_to_the_phase_it_fired_in():
    found = row(alert(), PHASES)
    assert (found.fired, found.cause, found.delay) == (42, "hard-times", 12)
    assert (found.delivered, found.resolved) == (43.25, 112.5)


def test_an_alert_before_any_change_is_put_down_to_the_first_phase():
    found = row(alert(starts_at="1970-01-01T00:16:39+00:00"), PHASES)
    assert (found.fired, found.cause, found.delay) == (-1, "baseline", -1)


def test_an_alert_that_still_fires_has_no_end():
    assert row(alert(ends_at=None), PHASES).resolved is None


def test_the_table_has_each_alert_with_its_words():
    text = "\n".join(table([row(alert(), PHASES), row(alert(ends_at=None), PHASES)]))
    assert "2 alerts." in text
    assert "42.0 s     43.2 s   112.5 s  CreditInputDrift" in text
    assert "12.0 s into hard-times" in text
    assert "64 % at most 2000.0 BRL" in text


def test_the_columns_are_as_wide_as_what_stands_in_them():
    long = alert(alertname="CreditModelBehaviourChanged", labels={})
    lines = list(table([row(a, PHASES) for a in (alert(), long)]))
    [heads] = [line for line in lines if "after the change" in line]
    begin = heads.index("after the change")
    told = [line for line in lines if "into hard-times" in line]
    assert [line.index("12.0 s into") for line in told] == [begin, begin]


def test_one_alert_is_counted_as_one():
    assert next(table([row(alert(), PHASES)])).startswith("1 alert. ")


def test_no_alert_is_said_too():
    assert list(table([])) == ["No alert fired."]
