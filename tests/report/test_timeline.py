from report.timeline import NO_SIGNAL, Phase, row, table

PHASES = [Phase("baseline", 1_000.0), Phase("hard-times", 1_030.0)]


def alert(**changes):
    return {
        "alertname": "ModelInputDrift",
        "severity": "warning",
        "labels": {"signal": "monthly_income", "direction": "lower"},
        "annotations": {"description": "64 % at most 2000 brl"},
        "starts_at": "1970-01-01T00:17:22+00:00",
        "ends_at": "1970-01-01T00:18:32.500000+00:00",
        "firing_received_at": "1970-01-01T00:17:23.250000+00:00",
    } | changes


def lines(*alerts):
    return list(table([row(found, PHASES) for found in alerts]))


def test_the_cause_of_an_alert_is_the_phase_it_fired_in():
    found = row(alert(), PHASES)
    assert (found.fired, found.cause, found.delay) == (42, "hard-times", 12)
    assert (found.delivered, found.resolved) == (43.25, 112.5)


def test_the_cause_of_an_alert_before_any_phase_is_the_first():
    found = row(alert(starts_at="1970-01-01T00:16:39+00:00"), PHASES)
    assert (found.fired, found.cause, found.delay) == (-1, "baseline", -1)


def test_an_alert_that_still_fires_has_no_end():
    assert row(alert(ends_at=None), PHASES).resolved is None


def test_the_subject_of_an_alert_is_its_signal_segment_and_direction():
    labels = {"signal": "decision_by_x", "segment": "a", "direction": "DENIED"}
    assert row(alert(labels=labels), PHASES).subject == "decision_by_x a DENIED"
    without = row(alert(labels={}), PHASES)
    assert (without.signal, without.subject) == (NO_SIGNAL, "")


def test_the_table_has_each_alert_with_its_words():
    found = lines(alert(), alert(labels={"signal": "score", "direction": "higher"}))
    assert found[0] == "2 alerts. Seconds count from the first application."
    assert found[3:6] == [
        " 42.0 s   112.5 s  warning   ModelInputDrift: monthly_income lower",
        f"{'':19}12.0 s into hard-times, delivered 1.2 s later",
        f"{'':19}64 % at most 2000 brl",
    ]
    assert found[6].endswith("ModelInputDrift: score higher")


def test_the_words_of_the_table_are_those_of_when_it_fired():
    later = {"description": "0 % at most 2000 brl"}
    first = {"description": "64 % at most 2000 brl"}
    found = lines(alert(annotations=later, first_annotations=first))
    assert found[5].strip() == "64 % at most 2000 brl"


def test_by_clocks_that_differ_nothing_is_delivered_before_it_fired():
    early = alert(firing_received_at="1970-01-01T00:17:21+00:00")
    assert lines(early)[4].endswith(", delivered 0.0 s later")


def test_the_table_says_what_was_not_notified():
    unnoticed = alert(firing_received_at=None)
    assert lines(unnoticed)[4].endswith(", resolved unnotified")
    firing = alert(firing_received_at=None, ends_at=None)
    assert lines(firing)[4].endswith(", not delivered")


def test_the_table_names_what_fires_at_the_end():
    found = lines(alert(), alert(ends_at=None))
    assert found[0].startswith("2 alerts, 1 firing at the end. ")
    assert found[6].startswith(" 42.0 s    firing  warning ")


def test_a_line_of_the_table_is_broken_at_no_percent_sign():
    words = "x " * 29 + "64 % of applications"
    found = lines(alert(annotations={"description": words}))
    assert all(len(line) <= 80 for line in found)
    assert not [line for line in found if line.strip().startswith("%")]


def test_one_alert_is_counted_as_one():
    assert lines(alert())[0].startswith("1 alert. ")


def test_without_alerts_the_table_is_a_sentence():
    assert lines() == ["No alert fired."]
