import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import report
from report import bars, page

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)


def clean(text):
    """Without line breaks, and with spaces that are all the same."""
    return " ".join(text.split())


@pytest.fixture
def rendered(parse):
    """Makes the page of a record."""
    return lambda record: parse(page.render(record, NOW))


def test_every_instant_is_as_the_receiver_spells_it(rendered, record, alert):
    firing = alert(ends_at=None, starts_at="2026-11-22T17:00:41.000001+00:00")
    shown = rendered(record(alerts=(*record().alerts, firing)))
    instants = [time["datetime"] for time in shown.all("time")]
    assert instants[:-1] == [
        "2026-11-22T17:00:39.116000+00:00",
        "2026-11-22T17:00:40.250001+00:00",
        "2026-11-22T17:01:20.116000+00:00",
        "2026-11-22T17:00:41.000001+00:00",
        "2026-11-22T17:00:40.250001+00:00",
    ]
    assert instants[-1] == NOW.isoformat()


def test_nothing_is_loaded_and_nothing_runs(rendered, record):
    shown = rendered(record())
    tags = {element["tag"] for element in shown.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "image", "a"}
    for element in shown.elements:
        assert not [name for name in element if name.startswith("on")]
        assert element.get("src", "#").startswith("#")
        assert element.get("href", "#").startswith("#")
        assert element.get("xlink:href", "#").startswith("#")
        for value in (*element.get("style", "").split(), element.get("clip-path", "")):
            assert value.count("url(") == value.count("url(#")
    style = shown.one("style")["text"]
    assert "--page" in style
    assert "url(" not in style
    assert "@import" not in style


def test_a_browser_is_told_to_load_nothing(rendered, record):
    policy = rendered(record()).one("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["content"].startswith("default-src 'none'")


def test_no_id_is_there_twice(rendered, record):
    shown = rendered(record())
    found = [element["id"] for element in shown.elements if "id" in element]
    assert len(found) == len(set(found))


def test_what_comes_from_outside_is_escaped(rendered, record, alert, told):
    hostile = "<script>alert('x')</script>"
    labels = {"signal": hostile, "alertname": hostile}
    annotations = {"summary": hostile, "description": hostile}
    found = alert(
        alertname=hostile, severity=hostile, labels=labels, annotations=annotations
    )
    whole = record()
    shown = rendered(
        record(
            alerts=(found,),
            model=replace(whole.model, name=hostile, others=(hostile,)),
            drift={**whole.drift, hostile: whole.drift["decision"]},
            phases=(replace(whole.phases[0], name=hostile), whole.phases[1]),
            prometheus_version=hostile,
        )
    )
    assert not shown.all("script")
    assert shown.one("body")["text"].count(hostile) > 10


def test_every_figure_says_what_it_shows(rendered, record):
    shown = rendered(record())
    pictures = shown.all("div", role="img")
    captions = [clean(caption["text"]) for caption in shown.all("figcaption")]
    assert len(pictures) == 3 + len(record().distributions)
    for picture, caption in zip(pictures, captions, strict=True):
        assert picture["inside"]
        assert clean(picture["aria-label"]).endswith(caption)
    assert "Triangle: an alert. Baseline: DENIED 61 %, APPROVED 39 %" in captions[0]
    assert "hard times: DENIED 90 %, APPROVED 10 %" in captions[0]
    assert "Moved most in hard times: DENIED, 90 % against 60 %" in captions[3]


def test_shares_and_thresholds_are_there_in_full(rendered, record):
    shown = rendered(record())
    values = [float(data["value"]) for data in shown.all("data")]
    assert values == [
        *(0.6, 0.61, 0.9, 0.4, 0.39, 0.1),
        *(0.2, 0.2, 0.5, 0.5, 0.3, 0.3),
        *(0.05, 16.1),
    ]


def test_a_signal_that_did_not_move_is_drawn_only_if_it_always_is(record):
    whole = record()
    assert page.signals(whole) == ("decision",)
    moved = [replace(drift, is_significant=True) for drift in whole.drift["validity"]]
    assert page.signals(record(drift={**whole.drift, "validity": moved})) == (
        "decision",
        "validity",
    )


def test_without_a_simulator_there_are_no_phases_and_times_are_by_the_clock(
    rendered, live
):
    shown = rendered(live())
    text = clean(shown.one("body")["text"])
    assert "nothing is known of when the truth changed" in text
    assert " into " not in text
    assert "1 alert in 1 min 35 s" in text
    assert "All together: DENIED 61 %" in text
    assert clean(shown.one("td", **{"data-label": "Fired"})["text"]) == "17:00:39"


def test_a_span_without_alerts_says_so(rendered, record):
    shown = rendered(record(alerts=()))
    assert clean(shown.one("p", **{"class": "verdict"})["text"]) == (
        "No alert fired in 1 min 35 s."
    )
    assert not shown.all("section", id="alerts")


def test_more_alerts_than_can_be_read_are_counted(rendered, record, alert):
    shown = rendered(record(alerts=(alert(),) * (page.MOST_ROWS + 1)))
    section = shown.one("section", id="alerts")
    words = f"The first {page.MOST_ROWS} of {page.MOST_ROWS + 1}."
    assert clean(section["text"]).endswith(words)
    rows = [element for element in section["inside"] if element["tag"] == "tr"]
    assert len(rows) == 1 + page.MOST_ROWS
    more = page.MOST_ROWS + 1 - bars.MOST
    words = f"The first {bars.MOST}; {more} more are not drawn."
    assert words in clean(shown.one("section", id="bars")["text"])


def test_nothing_decided_is_no_failure(rendered, record):
    whole = record()
    nothing = tuple(
        replace(d, observed=(None,) * len(d.observed)) for d in whole.distributions
    )
    shown = rendered(
        record(
            applications=0.0,
            applications_by_stretch=(0.0, 0.0),
            mix=replace(whole.mix, shares={}),
            drift={},
            distributions=nothing,
            alerts=(),
        )
    )
    assert "Nothing was decided." in shown.one("main")["text"]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_what_is_written_can_be_read_on_what_is_behind_it(scheme):
    css = (Path(report.__file__).parent / "page.css").read_text()
    blocks = re.findall(r":root \{([^}]*)\}", css)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme]))
    for behind in ("page", "band", "other-band"):
        for written in ("ink", "muted", "blue", "red", "green"):
            assert contrast(colours[written], colours[behind]) >= 4.5, written
    # The line of the reference, on the bars that it crosses.
    assert contrast(colours["ink"], colours["bar"]) >= 3
