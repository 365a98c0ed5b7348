import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from report import page
from report.charts.alert_bars import MAX_LANES
from report.record import Model
from tests.report.charts.test_decision_mix import at

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
CSS = (page.TEMPLATES / "page.css").read_text()


def clean(text):
    """Without line breaks, and with spaces that are all the same."""
    return " ".join(text.split())


@pytest.fixture
def rendered(parse):
    """Makes the page of a record."""
    return lambda record: parse(page.render(record, NOW))


def section(shown, title):
    """The text from a heading to the next of its kind."""
    text = clean(shown.one("main")["text"])
    _, _, after = text.partition(title)
    assert after
    headings = [clean(h["text"]) for h in shown.all("h3") if clean(h["text"]) != title]
    for heading in headings:
        after = after.partition(heading)[0]
    return after


def test_each_time_is_as_the_receiver_spells_it(rendered, record, alert):
    firing = alert(ends_at=None, starts_at="2026-11-22T17:00:41.000001+00:00")
    shown = rendered(record(alerts=(alert(), firing)))
    times = [time["datetime"] for time in shown.all("time")]
    assert times[:-1] == [
        "2026-11-22T17:00:39.116000+00:00",
        "2026-11-22T17:00:40.250001+00:00",
        "2026-11-22T17:01:20.116000+00:00",
        "2026-11-22T17:00:41.000001+00:00",
        "2026-11-22T17:00:40.250001+00:00",
    ]
    assert times[-1] == NOW.isoformat()


def test_nothing_is_loaded_and_nothing_runs(rendered, record, of_model):
    two = (of_model(), of_model(model=Model("other", "2")))
    shown = rendered(record(record={"models": two}))
    tags = {element["tag"] for element in shown.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "image", "use"}
    for element in shown.elements:
        assert not [name for name in element if name.startswith("on")]
        assert "src" not in element
        assert element.get("href", "#").startswith("#")
        assert "url(" not in element.get("style", "")
    assert "--page" in shown.one("style")["text"]
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_the_page_forbids_a_browser_to_load_anything(rendered, record):
    policy = rendered(record()).one("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["content"].startswith("default-src 'none'")


def test_ids_are_unique(rendered, record, of_model, alert):
    two = (of_model(), of_model(model=Model("other", "2")))
    shown = rendered(record(record={"models": two, "alerts": (alert(labels={}),)}))
    ids = [element["id"] for element in shown.elements if "id" in element]
    assert {"model-1", "model-2-decision", "others"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_text_of_other_sources_is_escaped(rendered, record, of_model, alert, signal):
    hostile = "<script>alert('x')</script>"
    labels = {"signal": hostile, "direction": hostile, "alertname": hostile}
    found = alert(
        alertname=hostile,
        severity=hostile,
        labels=labels,
        annotations={"summary": hostile, "description": hostile},
        last_words=hostile,
    )
    channel = signal(
        name=hostile, unit=hostile, cells=(hostile, "web"), segment=hostile
    )
    decision, income, _ = of_model().signals
    whole = record(
        model=Model(hostile, hostile, {hostile: hostile}, (hostile,)),
        signals=(decision, replace(income, cells=(hostile,) * 3), channel),
        alerts=(found,),
        omitted=((Model(hostile, hostile), hostile),),
        record={"prometheus_version": hostile, "alerts": (found,)},
        phases=(replace(record().phases[0], name=hostile), record().phases[1]),
    )
    shown = rendered(whole)
    assert not shown.all("script")
    assert shown.one("body")["text"].count(hostile) > 25


def test_a_model_has_its_name_its_site_its_file_and_its_verdict(rendered, record):
    shown = rendered(record())
    assert clean(shown.one("h2")["text"]) == "tree 1"
    identity = clean(shown.one("p", **{"class": "identity"})["text"])
    assert identity == "job analyzer, sha256 abc123"
    verdict = clean(shown.one("p", **{"class": "verdict"})["text"])
    assert verdict.startswith("1 alert, 9.1 s into hard times.")
    assert not shown.all("nav")


def test_several_models_have_a_section_each_and_a_list_of_verdicts(
    rendered, record, of_model
):
    two = (of_model(), of_model(model=Model("other", "2"), alerts=()))
    shown = rendered(record(record={"models": two}))
    assert [clean(h["text"]) for h in shown.all("h2")] == ["tree 1", "other 2"]
    listed = [clean(item["text"]) for item in shown.one("nav")["inside"]]
    assert listed[2] == "tree 1"
    assert listed[3] == "other 2 No alert fired in 1 min 35 s."
    for link in shown.all("a"):
        shown.one("section", id=link["href"].removeprefix("#"))


def test_each_decision_has_a_lane_with_its_share_in_each_phase(rendered, record):
    text = section(rendered(record()), "Decisions against what is expected")
    assert "DENIED 60 % expected" in text
    assert "baseline: 61 % hard times: 90 %" in text
    assert "baseline: 39 % hard times: 10 %" in text


def test_moved_signals_are_large_and_quiet_ones_small(rendered, record):
    shown = rendered(record())
    [chart] = [e for e in shown.all("div") if e.get("class") == "chart evidence"]
    assert "decision DENIED 9.1 s into hard times" in clean(chart["text"])
    assert "channel" not in chart["text"]
    quiet = clean(shown.one("div", **{"class": "quiet"})["text"])
    assert quiet == "monthly income, brl peak < 0.0001 channel peak < 0.0001"


def test_twenty_quiet_inputs_are_small(rendered, record, signal):
    inputs = tuple(signal(name=f"input_{n}") for n in range(20))
    shown = rendered(record(signals=(record().models[0].signals[0], *inputs)))
    quiet = shown.one("div", **{"class": "quiet"})
    assert len([e for e in quiet["inside"] if e["tag"] == "svg"]) == 20
    tables = [e["id"] for e in shown.all("table") if "id" in e]
    assert tables == ["model-1-decision", "model-1-quiet"]


def test_shares_are_there_in_full(rendered, record):
    shown = rendered(record())
    values = [float(data["value"]) for data in shown.all("data")]
    assert values == [0.6, 0.61, 0.9, 0.4, 0.39, 0.1]


def test_an_alert_has_its_first_words_and_the_last(rendered, record, alert):
    shown = rendered(record(alerts=(alert(last_words="APPROVED 76 %"),)))
    words = clean(shown.one("td", **{"class": "text"})["text"])
    assert words == "DENIED 88 % Last: APPROVED 76 %"


def test_an_alert_that_still_fires_is_named_where_it_would_have_resolved(
    rendered, record, alert
):
    shown = rendered(record(alerts=(alert(ends_at=None),)))
    resolved = shown.one("td", **{"data-label": "Resolved"})
    assert clean(resolved["text"]) == "still firing"
    assert shown.one("span", **{"class": "bar critical firing"})
    assert "1 still fires at the end: decision DENIED." in shown.one("main")["text"]


def test_alerts_of_no_model_have_a_section_of_their_own(rendered, record, alert):
    other = alert(alertname="MonitorTargetDown", labels={}, starts_at=at(50))
    shown = rendered(record(record={"alerts": (other,)}))
    others = clean(shown.one("section", id="others")["text"])
    assert others.startswith("Services and monitor 1 alert, 20.0 s into hard times.")
    assert "MonitorTargetDown" in others
    assert "MonitorTargetDown" not in shown.one("section", id="model-1")["text"]


def test_a_model_that_is_omitted_is_named_with_the_reason(rendered, record):
    omitted = ((Model("idle", "3"), "decided nothing"),)
    footer = clean(rendered(record(omitted=omitted)).one("footer")["text"])
    assert "idle 3 decided nothing, and is not shown." in footer


def test_without_a_simulator_there_are_halves_and_times_of_the_clock(rendered, live):
    shown = rendered(live())
    text = clean(shown.one("body")["text"])
    assert "does not know when the applicants changed" in text
    assert " into " not in text
    assert "1 alert, at 17:00:39." in text
    heads = [
        clean(h["text"]) for h in shown.one("table", id="model-1-decision")["inside"]
    ]
    assert {"first half", "second half"} <= set(heads)
    assert clean(shown.one("td", **{"data-label": "Fired"})["text"]) == "17:00:39"


def test_without_alerts_there_are_no_charts_of_alerts(rendered, record):
    shown = rendered(record(alerts=()))
    verdict = clean(shown.one("p", **{"class": "verdict"})["text"])
    assert verdict == "No alert fired in 1 min 35 s."
    assert not shown.all("table", **{"class": "alerts"})
    assert not [e for e in shown.elements if "alert-bars" in e.get("class", "")]


def test_alerts_that_are_not_shown_are_counted(rendered, record, alert):
    many = tuple(alert(alertname=f"Alert{n}") for n in range(page.MAX_ROWS + 1))
    shown = rendered(record(alerts=many))
    text = clean(shown.one("section", id="model-1")["text"])
    assert f"The first {page.MAX_ROWS} of {page.MAX_ROWS + 1}." in text
    more = page.MAX_ROWS + 1 - MAX_LANES
    assert f"The first {MAX_LANES}; {more} more are not drawn." in text
    rows = shown.one("table", **{"class": "alerts"})["inside"]
    assert len([e for e in rows if e["tag"] == "tr"]) == 1 + page.MAX_ROWS


def test_a_model_without_applications_and_evidence_has_a_page(rendered, record):
    [of_model] = record().models
    nothing = tuple(
        replace(s, observed=(None, None), spent=(), drifting=(), critical=())
        for s in of_model.signals
    )
    mix = replace(of_model.mix, shares={})
    shown = rendered(record(applications=0.0, mix=mix, signals=nothing, alerts=()))
    assert "Nothing was observed." in shown.one("main")["text"]
    assert "not evaluated" in shown.one("main")["text"]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(scheme):
    """The colours of the light scheme, or of the dark one, which overrides it."""
    blocks = re.findall(r":root \{([^}]*)\}", CSS)
    found = {}
    for block in blocks[: scheme + 1]:
        found |= dict(re.findall(r"--([\w-]+): (#\w{6});", block))
    return found


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_each_background(scheme):
    found = colours(scheme)
    for behind in ("page", "band", "deviation", "critical-wash", "warning-wash"):
        for text in ("ink", "muted", "observed", "critical", "warning", "info"):
            if text in ("ink", "muted") or behind in ("page", "band"):
                assert contrast(found[text], found[behind]) >= 4.5, (text, behind)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_shapes_can_be_seen_on_each_background(scheme):
    found = colours(scheme)
    for behind in ("page", "band"):
        for shape in ("critical-bar", "warning-bar", "info-bar", "observed"):
            assert contrast(found[shape], found[behind]) >= 3, (shape, behind)
    # The tick of the reference, on the bar that it crosses; the line, on its area.
    assert contrast(found["ink"], found["bar"]) >= 3
    for area in ("deviation", "critical-wash", "warning-wash"):
        assert contrast(found["observed"], found[area]) >= 3, area


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_no_two_meanings_have_one_colour(scheme):
    meanings = {n: c for n, c in colours(scheme).items() if n not in ("muted", "info")}
    assert len(set(meanings.values())) == len(meanings)
