"""Values that texts spell: in a CSV file, or in a query string."""

from .card.inputs import Categorical, Input

TRUE, FALSE = frozenset({"true", "1", "1.0"}), frozenset({"false", "0", "0.0"})


def spelled(found: Input, cell: object) -> object:
    """The value that a cell spells, or the cell, for a reader to refuse.

    Numbers may be written as programs write them: 20000.0, 1e4, with spaces.
    """
    if not isinstance(cell, str):
        return cell
    if isinstance(found, Categorical):
        if not found.boolean:
            return cell
        text = cell.strip().lower()
        return True if text in TRUE else False if text in FALSE else cell
    return number_in(cell)


def number_in(text: str) -> float | str:
    """The number that `text` spells, whole if it has no fraction, or `text` itself."""
    try:
        value = float(text)
    except ValueError:
        return text
    if "_" in text or not text.isascii():
        return text  # Python's own spellings
    return int(value) if value.is_integer() else value
