"""The page as a real browser shows it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from report import page

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
def test_everybody_can_read_it(show, record, width, scheme):
    shown = show(record(), width, color_scheme=scheme)
    assert overflow(shown) <= 0
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert overflow(shown) <= 0
    found = Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "size"), [(390, "narrow"), (1280, "wide")])
def test_figures_are_drawn_for_the_width_of_the_window(show, record, width, size):
    shown = show(record(), width)
    for other in ("narrow", "wide"):
        pictures = shown.locator(f".{other} > svg")
        assert pictures.count() == 3 + len(record().distributions)
        for picture in pictures.all():
            expect(picture).to_be_visible(visible=other == size)


def test_figures_are_light_or_dark_as_their_reader_likes(show, record):
    def colours(scheme):
        shown = show(record(), color_scheme=scheme)
        line = shown.locator(".wide svg [style*='--blue']").first
        behind = shown.locator("body")
        return (
            line.evaluate("e => getComputedStyle(e).stroke"),
            behind.evaluate("e => getComputedStyle(e).backgroundColor"),
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
def test_hostile_words_neither_run_nor_break_the_page(show, record, alert, width, text):
    found = alert(
        alertname=text,
        severity=text,
        labels={"signal": text},
        annotations={"description": text},
    )
    whole = record()
    hostile = record(
        alerts=(found,),
        model=replace(whole.model, name=text, version=text, others=(text,)),
        drift={**whole.drift, text: whole.drift["decision"]},
        phases=(replace(whole.phases[0], name=text), whole.phases[1]),
    )
    shown = show(hostile, width)
    expect(shown.locator(".said")).to_have_text(text)
    assert shown.locator("img").count() == 0
    assert shown.evaluate("window.ran") is None
    assert overflow(shown) <= 0


def test_on_paper_it_is_light_and_wide(show, record):
    shown = show(record(), 390, color_scheme="dark")
    shown.emulate_media(media="print")
    expect(shown.locator(".wide").first).to_be_visible()
    expect(shown.locator(".narrow").first).to_be_hidden()
    expect(shown.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
