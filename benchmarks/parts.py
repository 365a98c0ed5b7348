"""A benchmark of several parts, each a section of its page."""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Parts = Mapping[str, Callable[[], Iterator[str]]]


def chosen(program: str, parts: Parts) -> list[str]:
    """The parts that the command line names, or all. Ends it if one is none."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("part", nargs="*", help=" | ".join(parts))
    # To argparse a choice of none is a wrong one.
    names: list[str] = parser.parse_args().part or list(parts)
    for name in names:
        if name not in parts:
            parser.error(f"{name} is none of {', '.join(parts)}")
    return names


def write_section(page: Path, name: str, head: str, lines: Iterator[str]) -> None:
    """Prints `lines` as they come, and puts them under the heading `name` of a page.

    Other sections, and what is above the first, stay. `head` is the line below the
    heading: the command and the machine.
    """
    written = [f"## {name}", "", head, ""]
    for line in lines:
        print(line, flush=True)
        written.append(line)
    page.parent.mkdir(exist_ok=True)
    old = page.read_text() if page.exists() else f"# {page.stem.capitalize()}\n"
    before, *sections = re.split(r"^(?=## )", old, flags=re.MULTILINE)
    found = {text.splitlines()[0]: text.rstrip() for text in sections}
    found[written[0]] = "\n".join(written)
    page.write_text("\n\n".join([before.rstrip(), *found.values()]) + "\n")
