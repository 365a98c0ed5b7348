"""Writes both dashboards as Grafana reads them: `make dashboards`."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from . import model, service

FOLDER = Path(__file__).parents[1] / "dashboards"


def written() -> dict[Path, str]:
    """The text of each file."""
    encode = JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).encode
    boards = [model.built().build(), service.built().build()]
    return {FOLDER / f"{board.uid}.json": encode(board) + "\n" for board in boards}


def main() -> None:
    """Writes the files."""
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
