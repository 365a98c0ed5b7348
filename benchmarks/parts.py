"""A benchmark of several parts, each with a page of its own."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Parts = Mapping[str, Callable[[], Iterator[str]]]


def chosen(program: str, parts: Parts) -> list[str]:
    """The parts that the command line names, or all. Ends it if one is none."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("part", nargs="*", help=" | ".join(parts))
    # argparse cannot tell a choice of none from a wrong one.
    names: list[str] = parser.parse_args().part or list(parts)
    for name in names:
        if name not in parts:
            parser.error(f"{name} is none of {', '.join(parts)}")
    return names


def write(page: Path, head: str, lines: Iterator[str]) -> None:
    """Prints `lines` as they come, and writes them to `page`, below `head`."""
    page.parent.mkdir(exist_ok=True)
    written = [head, ""]
    for line in lines:
        print(line, flush=True)
        written.append(line)
    page.write_text("\n".join(written) + "\n")
