import re
from xml.etree import ElementTree

from report.canvas import BLUE, COLOURS, RED, svg


def drawn(name="a", words="words"):
    def draw(canvas):
        axes = canvas.axes(40, 10, 200, 60)
        axes.plot([1, 2], [3, 4], marker="o", color=BLUE)
        axes.text(1, 3, words, color=RED)

    return svg(name, 300, 100, draw)


def parsed(text):
    return ElementTree.fromstring(text)  # noqa: S314 (drawn just now)


def ids(text):
    return [e.get("id") for e in parsed(text).iter() if e.get("id")]


def test_the_same_is_drawn_the_same():
    assert drawn() == drawn()


def test_no_two_figures_share_an_id():
    found = ids(drawn("a")) + ids(drawn("b"))
    assert found
    assert len(found) == len(set(found))


def test_every_reference_is_to_an_id_of_the_figure():
    text = drawn()
    references = re.findall(r'(?:href="|url\()#([^")]+)', text)
    assert references
    assert set(references) <= set(ids(text))


def test_colours_are_those_of_the_page():
    text = drawn()
    assert "var(--blue)" in text
    assert not [number for number in COLOURS.values() if number in text]


def test_a_figure_brings_no_style_sheet_and_no_size():
    root = parsed(drawn())
    assert not [element for element in root.iter() if element.tag.endswith("style")]
    assert root.get("viewBox") == "0 0 300 100"
    assert root.get("width") is None


def test_hostile_words_stay_words():
    hostile = '<script>alert("x")</script> $\\alpha$'
    root = parsed(drawn(words=hostile))
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert hostile in [element.text for element in root.iter()]
