"""Finds words that the project avoids (words.txt), in what people read and write.

    python .ci/words.py [FILE...]

Without files, in everything that git tracks. Exits with status 1 if there are any.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt")
READ = {".py", ".md", ".yml", ".yaml", ".toml", ".html", ".js", ".css", ".jinja", ""}
# These name the words, or are the words of others.
EXEMPT = {".ci/words.txt", ".ci/words.py", "LICENSE"}


def patterns() -> Iterator[tuple[re.Pattern[str], str]]:
    """Each word as a pattern, and what to write instead."""
    for line in WORDS.read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, _, advice = line.partition(" -> ")
            yield re.compile(pattern, re.IGNORECASE), advice


def tracked() -> list[Path]:
    """The text files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def main(names: list[str]) -> int:
    """Prints each word with its place. Returns how many there are."""
    found = 0
    avoided = list(patterns())
    for path in map(Path, names) if names else tracked():
        if path.suffix not in READ or path.as_posix() in EXEMPT or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern, advice in avoided:
                if match := pattern.search(line):
                    print(f"{path}:{number}: {match[0]!r}: write {advice}")
                    found += 1
    return found


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
