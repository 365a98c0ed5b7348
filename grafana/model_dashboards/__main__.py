"""Writes both dashboards as JSON files for Grafana: `make dashboards`."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from . import model, service

FOLDER = Path(__file__).parents[1] / "dashboards"


def generate() -> dict[Path, str]:
    """The text of each file, by its path."""
    encode = JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).encode
    boards = [model.dashboard().build(), service.dashboard().build()]
    return {FOLDER / f"{board.uid}.json": encode(board) + "\n" for board in boards}


def main() -> None:
    """Writes the files, and removes those of dashboards that are built no longer."""
    files = generate()
    for old in FOLDER.glob("*.json"):
        if old not in files:
            old.unlink()
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
