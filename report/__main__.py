"""Command line of the report.

python -m report --out report.html
python -m report --since 2026-11-22T09:00Z --until 2026-11-22T09:30Z --out report.html

Without a time range, the report covers the last scenario, if one ran within the hour,
else the last 15 minutes.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from . import NoReport, write


def main() -> None:
    """Parses the command line. An error is one sentence, and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m report", description="Writes a report on the watched models."
    )
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", metavar="URL")
    parser.add_argument("--receiver", default="http://127.0.0.1:8080", metavar="URL")
    parser.add_argument("--since", type=_moment, help="RFC 3339; UTC without a zone")
    parser.add_argument("--until", type=_moment, help="the same; default: now")
    parser.add_argument("--model", metavar="NAME", help="default: each that decided")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        write(**vars(options))
    except (NoReport, OSError) as error:
        sys.exit(f"report: {error}")
    print(options.out)


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time: {error}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


if __name__ == "__main__":
    main()
