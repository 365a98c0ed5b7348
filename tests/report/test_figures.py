"""What is drawn stands where its figures say, in pixels."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from report import bars, distributions, evidence, mix
from report.canvas import NARROW, WIDE


def shapes(svg, part):
    """The (x, y) pairs of each shape whose style holds `part`."""
    root = ElementTree.fromstring(svg)  # noqa: S314 (drawn just now)
    by_id = {f"#{e.get('id')}": e for e in root.iter() if e.get("id")}
    styled = [e for e in root.iter() if part in e.get("style", "")]
    # What is used elsewhere is drawn by reference.
    paths = (by_id.get(e.get("{http://www.w3.org/1999/xlink}href"), e) for e in styled)
    return [
        [
            (float(x), float(y))
            for x, y in re.findall(r"[ML] (\S+) (\S+)", path.get("d"))
        ]
        for path in paths
        if path.get("d")
    ]


def written(svg):
    root = ElementTree.fromstring(svg)  # noqa: S314 (drawn just now)
    words = [e.text for e in root.iter() if e.tag.endswith("text")]
    return [text.replace("\u00a0", " ") for text in words]


def across(record, moment, left, right):
    """Where a moment is, between the pixels that the span begins and ends at."""
    return left + (right - left) * (moment - record.since) / (
        record.until - record.since
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: size.name)
def test_an_alert_is_a_bar_from_firing_to_resolved(record, size):
    whole = record()
    [alert] = whole.alerts
    [bar] = shapes(bars.draw(whole, size), "stroke: var(--red); stroke-width: 9")
    edges = (bars.SIDE, size.width - bars.SIDE)
    assert [x for x, _ in bar] == pytest.approx(
        [across(whole, moment, *edges) for moment in (alert.fired, alert.resolved)],
        abs=0.01,
    )


def test_an_alert_that_still_fires_is_a_bar_to_the_end(record, alert):
    svg = bars.draw(record(alerts=(alert(ends_at=None),)), WIDE)
    [bar] = shapes(svg, "stroke: var(--red); stroke-width: 9")
    assert bar[-1][0] == pytest.approx(WIDE.width - bars.SIDE)


def test_phases_are_bands_from_beginning_to_end(record):
    whole = record()
    svg = bars.draw(whole, WIDE)
    for style, phase in zip(("band", "other-band"), whole.phases, strict=True):
        [band] = shapes(svg, f"fill: var(--{style})")
        xs = [x for x, _ in band]
        assert (min(xs), max(xs)) == pytest.approx(
            [
                across(whole, moment, bars.SIDE, WIDE.width - bars.SIDE)
                for moment in (phase.start, phase.end)
            ],
            abs=0.01,
        )
    assert {"baseline", "hard times"} <= set(written(svg))


def test_decisions_are_lines_at_their_shares(record):
    svg = mix.draw(record(), WIDE)
    bottom, height = mix.HEIGHT - mix.BOTTOM, mix.HEIGHT - mix.TOP - mix.BOTTOM
    observed = shapes(svg, "stroke: var(--blue); stroke-width: 1.8")
    expected = shapes(svg, "stroke: var(--blue); stroke-width: 1.2")
    for [line], share in ((observed, 0.3), (expected, 0.4)):
        assert {round(y, 3) for _, y in line} == {round(bottom - share * height, 3)}
    assert {"APPROVED", "DENIED", "expected 40 %", "expected 60 %"} <= set(written(svg))


def test_both_thresholds_are_drawn_and_filled_is_what_is_significant(record):
    whole = record()
    svg = evidence.draw(whole, ("decision",), WIDE)
    assert {"0.05", "16.1", "decision"} <= set(written(svg))
    assert "alert 9.1 s into hard times" in written(svg)
    filled = shapes(svg, "fill: var(--wash)")
    assert len(filled) == 2
    significant = [d.time for d in whole.drift["decision"] if d.is_significant]
    width = (WIDE.width - evidence.LEFT - evidence.GAP - evidence.RIGHT) / 2
    xs = [x for x, _ in filled[0]]
    assert (min(xs), max(xs)) == pytest.approx(
        [
            across(whole, moment, evidence.LEFT, evidence.LEFT + width)
            for moment in (significant[0], significant[-1])
        ],
        abs=0.01,
    )


def test_bars_are_as_high_as_their_shares(record):
    _, income = record().distributions
    svg = distributions.draw(record(), income, NARROW)
    tops = [
        max(y for _, y in bar) - min(y for _, y in bar)
        for bar in shapes(svg, "fill: var(--bar)")
    ]
    seen = tops[:3]
    assert [height / seen[1] for height in seen] == pytest.approx(
        [0.4, 1, 0.6], abs=0.01
    )


def test_the_last_bucket_is_left_out_if_nothing_can_be_in_it(record):
    _, income = record().distributions
    closed = replace(
        income, reference=(0.4, 0.6, 0.0), observed=((0.5, 0.5, 0.0), None)
    )
    svg = distributions.draw(record(), closed, NARROW)
    assert len(shapes(svg, "fill: var(--bar)")) == 2 * len(record().phases)


def test_categories_are_named_with_both_shares(record):
    decision, _ = record().distributions
    words = written(distributions.draw(record(), decision, WIDE))
    assert "DENIED 90 %, reference 60 %" in words
    assert "hard times, about 300 applications" in words
