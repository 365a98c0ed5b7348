"""The runbook, from Markdown to a page."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.anchors import anchors_plugin

# The preset escapes HTML in the text. Sections are named as GitHub names them.
MARKDOWN = MarkdownIt("js-default").use(anchors_plugin)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level, and its anchor."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook as HTML, and its sections."""

    sections: list[Section]
    html: Markup


def read(path: Path) -> Runbook:
    """The runbook in the Markdown file `path`. Raises `OSError`."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8", errors="replace"))
    sections = [
        Section(inline.content, str(heading.attrGet("id")))
        for heading, inline in pairwise(tokens)
        if heading.type == "heading_open" and heading.tag == "h2"
    ]
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    # Made by the renderer, which escapes the text.
    return Runbook(sections, Markup(html))  # noqa: S704
