import pytest

from report.query.read_record import read
from report.query.sources import NoReport

START = 1_795_366_800.0


class FakeReceiver:
    """A history of alerts."""

    def __init__(self, *alerts):
        self._alerts = list(alerts)

    def alerts(self):
        return self._alerts


def info(model, version="1", sha256="abc", **site):
    site = {"job": "j"} | site
    return site | {"model": model, "model_version": version, "sha256": sha256}, 1.0


def decided(count, model):
    """The counters of a model's decisions, and its reference."""
    labels = {"signal": "decision", "role": "decision", "model": model}
    points = (START, 0.0), (START + 30, count), (START + 60, count)
    of_all = labels | {"kind": "all", "category": "all"}
    of_one = labels | {"kind": "category", "category": "YES"}
    return [(of_all, points), (of_one, points)], [(of_one, 1.0)]


@pytest.fixture
def prometheus(fake_prometheus):
    """A Prometheus in which each model decided so many applications."""

    def prometheus(infos=None, **models):
        at = {"model_info": infos or [info(name) for name in models]}
        between = {"timestamp(": []}
        for name, count in models.items():
            counters, reference = decided(count, name)
            of_model = f'model="{name}"'
            between[f'model_cells_total{{job="j",{of_model}'] = counters
            at[f'model_cells_reference_ratio{{job="j",{of_model}'] = reference
        at["budget_per_second"] = [({}, 45.0)]
        return fake_prometheus(at=at, between=between)

    return prometheus


def read_minute(prometheus, *alerts, **options):
    return read(prometheus, FakeReceiver(*alerts), START, START + 60, **options)


def names(models):
    return [of_model.model.name for of_model in models]


def test_each_model_that_decided_has_a_section_the_busiest_first(prometheus):
    found = read_minute(prometheus(a=5.0, b=90.0, c=0.0))
    assert names(found.models) == ["b", "a"]
    assert [(m.name, why) for m, why in found.omitted] == [("c", "decided nothing")]
    busy = found.models[0]
    assert (busy.applications, busy.applications_by_interval) == (90, (90, 0))
    assert busy.false_alarm_days == 45
    assert busy.model.hashes == ("abc",)
    assert busy.model.site == {"job": "j"}


def test_one_model_can_be_chosen(prometheus):
    found = read_minute(prometheus(a=5.0, b=90.0), model="a")
    assert names(found.models) == ["a"]
    with pytest.raises(NoReport, match=r"no model z in this .*; its models are a, b"):
        read_minute(prometheus(a=5.0, b=90.0), model="z")


def test_a_hostile_name_stays_a_value(prometheus, received):
    asked = prometheus([info('"b')])
    read_minute(asked, received())
    matched = [promql for promql in asked.asked if 'model="' in promql]
    assert matched
    assert all(r'model="\"b",' in promql for promql in matched)


def test_replicas_that_run_different_models_are_named(prometheus):
    infos = [info("a", sha256="1"), info("a", sha256="2")]
    [found] = read_minute(prometheus(infos, a=5.0)).models
    assert found.model.hashes == ("1", "2")


def test_the_same_model_at_two_sites_is_selected_by_all_of_its_labels(
    prometheus, received
):
    asked = prometheus([info("a", cluster="x"), info("a")])
    read_minute(asked, received(labels={}))
    for cluster in ("x", ""):
        own = f'{{job="j",cluster="{cluster}",model="a",model_version="1"'
        matchers = [q for q in asked.asked if "model_cells_total" in q]
        assert any(set(own[1:].split(",")) <= set(_selector(q)) for q in matchers)


def _selector(promql):
    return promql.partition("{")[2].partition("}")[0].split(",")


def of(received, model, start, end, **labels):
    own = {"model": model, "model_version": "1", "signal": "score"}
    return received(labels=own | labels, starts_at=start, ends_at=end)


BEFORE, SECOND = "2026-11-22T16:00:00+00:00", "2026-11-22T17:00:30+00:00"


def test_alerts_are_those_of_the_model_within_the_time_range(prometheus, received):
    inside = of(received, "a", SECOND, None)
    across = of(received, "a", BEFORE, SECOND)
    over = of(received, "a", BEFORE, "2026-11-22T16:59:59+00:00")
    later = of(received, "a", "2026-11-22T17:01:01+00:00", None)
    found = read_minute(prometheus(a=5.0), later, inside, across, over)
    [of_model] = found.models
    assert [(a.fired_at, a.resolved_at) for a in of_model.alerts] == [
        (BEFORE, SECOND),
        (SECOND, None),
    ]
    assert found.alerts == ()


def test_alerts_of_no_model_that_is_shown_are_apart(prometheus, received):
    of_monitor = received(labels={"job": "prometheus"})
    elsewhere = of(received, "a", SECOND, None, job="other")
    of_idle = of(received, "c", SECOND, None)
    all_alerts = (of_monitor, elsewhere, of_idle)
    found = read_minute(prometheus(a=5.0, c=0.0), *all_alerts)
    assert found.models[0].alerts == ()
    assert len(found.alerts) == 3
    chosen = read_minute(prometheus(a=5.0, c=0.0), *all_alerts, model="a")
    assert [a.row.signal for a in chosen.alerts] == ["-"]


def test_an_alert_of_all_versions_is_of_the_model(prometheus, received):
    mixed = received(labels={"model": "a", "job": "j"})
    [of_model] = read_minute(prometheus(a=5.0), mixed).models
    assert len(of_model.alerts) == 1


def test_an_alert_has_its_first_words_and_the_last_if_they_changed(
    prometheus, received
):
    changed = received(
        labels={"model": "a"},
        annotations={"summary": "s", "description": "now"},
        first_annotations={"summary": "s", "description": "then"},
    )
    same = received(labels={"model": "a"}, first_annotations=None)
    [of_model] = read_minute(prometheus(a=5.0), changed, same).models
    assert [(a.row.description, a.last_words) for a in of_model.alerts] == [
        ("then", "now"),
        ("DENIED 88 %", ""),
    ]


def test_without_models_and_alerts_the_reasons_are_the_error(prometheus):
    with pytest.raises(NoReport, match="in this time range, a 1 decided nothing; b 1 "):
        read_minute(prometheus(a=0.0, b=0.0))


def test_a_model_without_a_reference_is_omitted(prometheus, received):
    without = prometheus(a=5.0)
    without.answers["at"] = {"model_info": [info("a")]}
    of_monitor = received(labels={})
    [(model, reason)] = read_minute(without, of_monitor).omitted
    assert (model.name, reason) == ("a", "has no reference for its decisions")


def test_a_time_range_without_a_model_is_no_report(fake_prometheus):
    with pytest.raises(NoReport, match="http://prometheus has no model in this time"):
        read_minute(fake_prometheus())


def test_a_time_range_that_ends_before_it_begins_is_no_report(prometheus):
    with pytest.raises(NoReport, match="a second or longer"):
        read(prometheus(a=1.0), FakeReceiver(), START, START - 60)
