"""What `make fuzz` found to hold, and for how many cases."""

import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import described

FILE = Path(__file__).parents[2] / "benchmarks" / "results" / "fuzz.md"
ROW = re.compile(r"^\| (?!all )(.+) \| ([\d,]+) \| ([\d,]+) \|$", re.M)


@dataclass(frozen=True)
class Row:
    """A test, the cases that it held for, and the seconds that they took."""

    test: str
    cases: int
    seconds: float

    def __str__(self):
        name = self.test.removeprefix("test_").replace("_", " ")
        return f"| {name} | {self.cases:,} | {self.seconds:,.0f} |"


def keep(rows):
    """Writes `rows` into the file, which keeps those of other tests."""
    kept = FILE.read_text() if FILE.exists() else ""
    found = {name: (cases, seconds) for name, cases, seconds in ROW.findall(kept)}
    for row in rows:
        [(name, cases, seconds)] = ROW.findall(str(row))
        found[name] = cases, seconds
    numbers = [
        [int(number.replace(",", "")) for number in row] for row in found.values()
    ]
    total, seconds = map(sum, zip(*numbers, strict=True))
    lines = [
        "# Fuzzing",
        "",
        "Written by `make fuzz`, for each property when it last ran; the last on",
        f"{described('hypothesis', 'schemathesis')}.",
        "",
        "| what holds | cases | seconds |",
        "|---|---|---|",
        *(f"| {name} | {cases} | {took} |" for name, (cases, took) in found.items()),
        f"| all | {total:,} | {seconds:,} |",
    ]
    FILE.write_text("\n".join(lines) + "\n")
