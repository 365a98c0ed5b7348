"""The page as a real browser shows it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from report import page
from report.record import Model

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("width", [390, 1280])


@pytest.fixture
def show(visit, tmp_path):
    """Opens the page of a record."""

    def show(record, width=1280, **options):
        file = tmp_path / "report.html"
        file.write_text(page.render(record, datetime.now(UTC)))
        return visit(file.as_uri(), width, **options)

    return show


def overflow(shown):
    """How many pixels of the page are to the right of the window."""
    return shown.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(show, record, of_model, alert, width, scheme):
    models = (of_model(), of_model(model=Model("other", "2"), alerts=()))
    whole = record(record={"models": models, "alerts": (alert(labels={}),)})
    shown = show(whole, width, color_scheme=scheme)
    assert overflow(shown) <= 0
    found = Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()


@SIZES
def test_all_charts_share_one_time_axis(show, record, width):
    shown = show(record(), width)
    firing = shown.locator(".bar").bounding_box()["x"]
    mark = shown.locator(".mark").bounding_box()["x"]
    assert mark == pytest.approx(firing, abs=1)
    axes = shown.locator(".chart .time")
    assert axes.count() == 3
    assert len({axis.bounding_box()["x"] for axis in axes.all()}) == 1
    plots = shown.locator(".chart .plot").all()
    for plot in plots:
        box, axis = plot.bounding_box(), axes.first.bounding_box()
        assert box["x"] == pytest.approx(axis["x"], abs=1)
        assert box["width"] == pytest.approx(axis["width"], abs=1)


@SIZES
def test_lines_are_as_thick_as_at_any_width(show, record, width):
    line = show(record(), width).locator(".decisions .line").first
    assert line.evaluate("e => getComputedStyle(e).vectorEffect") == (
        "non-scaling-stroke"
    )
    assert line.bounding_box()["width"] > width / 4


def test_charts_are_light_or_dark_as_the_reader_prefers(show, record):
    def colours(scheme):
        shown = show(record(), color_scheme=scheme)
        return (
            shown.locator(".line").first.evaluate("e => getComputedStyle(e).stroke"),
            shown.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"),
        )

    light, dark = colours("light"), colours("dark")
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert light[0].startswith("rgb(")


@SIZES
@pytest.mark.parametrize(
    "text",
    ["W" * 5_000, "<img src=x onerror='window.ran = 1'>", "\u202egnp.exe"],
    ids=["long word", "image", "backwards"],
)
def test_hostile_text_neither_runs_nor_breaks_the_page(
    show, record, of_model, alert, signal, width, text
):
    found = alert(
        alertname=text,
        severity=text,
        labels={"signal": text, "direction": text},
        annotations={"description": text},
    )
    decision, income, _ = of_model().signals
    hostile = record(
        model=Model(text, text, {"job": text}, (text,)),
        signals=(decision, income, signal(name=text, unit=text, cells=(text, "web"))),
        alerts=(found,),
        omitted=((Model(text, text), text),),
        phases=(replace(record().phases[0], name=text), record().phases[1]),
    )
    shown = show(hostile, width)
    expect(shown.locator(".alerts .text")).to_have_text(text)
    assert shown.locator("img").count() == 0
    assert shown.evaluate("window.ran") is None
    assert overflow(shown) <= 0


def test_on_paper_the_page_is_light_and_wide(show, record):
    shown = show(record(), 1280, color_scheme="dark")
    shown.emulate_media(media="print")
    expect(shown.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    label = shown.locator(".lane .label").first.bounding_box()
    plot = shown.locator(".lane .plot").first.bounding_box()
    assert label["x"] + label["width"] <= plot["x"]
