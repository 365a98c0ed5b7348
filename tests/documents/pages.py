"""The documents of the project: their text, queries, commands and links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
RUNBOOK = ROOT / "prometheus" / "RUNBOOK.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
ALL = [
    *sorted(ROOT.glob("*.md")),
    *PAGES,
    RUNBOOK,
    ROOT / "model-monitor" / "README.md",
]
CODE = re.compile(r"^```.*?^```", re.M | re.DOTALL)


def name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def blocks(document: Path, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(), re.DOTALL)


def queries(*documents: Path) -> list[tuple[str, str]]:
    """Each query in PromQL, with the name of its document."""
    return [(name(d), query) for d in documents for query in blocks(d, "promql")]


def commands(document: Path) -> str:
    """What readers may type: blocks of commands, and code within lines."""
    text = document.read_text()
    inline = re.findall(r"`([^`\n]+)`", CODE.sub("", text))
    return "\n".join([*blocks(document, "console"), *inline])


def programs(document: Path) -> Iterator[tuple[str, ...]]:
    """The commands that run a program of ours: -m MODULE, or card or batch."""
    for block in blocks(document, "console"):
        for line in block.replace("\\\n", " ").splitlines():
            if found := re.search(r"\bpython (-m .+)|^model-monitor (.+)", line):
                yield tuple(shlex.split(found[1] or found[2]))


def links(document: Path) -> list[tuple[Path, str]]:
    """The files of this repository that a document links to, with their anchors."""
    text = CODE.sub("", document.read_text())
    targets = re.findall(r"\]\(((?!https?:|mailto:)[^)\s]+)\)", text)
    split = [target.partition("#")[::2] for target in targets]
    return [
        ((document.parent / path).resolve() if path else document, anchor)
        for path, anchor in split
    ]


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts and the site make them."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", document.read_text()), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in headings
    }
