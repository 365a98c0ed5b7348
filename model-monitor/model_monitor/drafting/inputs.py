"""Drafts the card of a model from its file and a table of reference applications.

Each inference is printed, with the reason; what cannot be inferred is asked for.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..card.inputs import OTHER
from ..errors import DraftError
from ..spelling import FALSE, TRUE, number_in
from .edges import FEW, edges, outward

MAX_CATEGORIES = 20
# A text that begins like this is no number, such as a postal code.
CODE = re.compile(r"0\d")
# What a row may be outside of, once in five hundred applications.
USUAL = (0.001, 0.999)


@dataclass(slots=True)
class Draft:
    """The parts of a card that follow from a model and a table, and why they are so."""

    fields: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def say(self, note: str) -> None:
        """Adds a line for the person who asked for the card."""
        self.notes.append(note)


def draft_input(
    name: str,
    cells: Sequence[Any],
    known: Sequence[str] | None,
    has_types: bool = False,
    *,
    is_text: bool = False,
    keep_all: bool = False,
) -> Draft:
    """The input that a column of a table holds.

    `known` are the categories that the model has columns for, if it has any. Where the
    cells have types, a text is no number. With `is_text`, the model takes texts, also
    those that look like numbers. With `keep_all`, rare categories stay, because the
    model takes the position of each. Raises `DraftError` for what is no input.
    """
    found = [cell for cell in cells if cell is not None]
    draft = Draft()
    for cell in found:
        if not isinstance(cell, str | int | float):
            raise DraftError(
                f"the column {name} holds {type(cell).__name__}s, such as {cell}: "
                f"make it numbers or texts, or leave it out (--ignore {name})"
            )
    if not found:
        raise DraftError(f"the column {name} is empty: leave it out (--ignore {name})")
    gaps = len(cells) - len(found)
    is_text = is_text or known is not None
    if not is_text and _is_boolean(found, has_types):
        draft.fields = {"type": "boolean"}
        draft.say(f"{name}: true or false")
    elif not is_text and (numbers := _numbers(name, found, has_types)):
        _number(draft, name, numbers)
    else:
        texts = [*map(str, found)]
        if not is_text and not has_types:
            _say_why_no_number(draft, name, texts)
        _category(draft, name, texts, known, keep_all)
    if gaps:
        draft.fields["optional"] = True
        share = gaps / len(cells)
        draft.say(f"{name}: may be absent, because {share:.1%} of the cells are empty")
    return draft


def _say_why_no_number(draft: Draft, name: str, texts: Sequence[str]) -> None:
    """Of a column that is mostly numbers, why it is not taken for such."""
    others = [text for text in texts if isinstance(number_in(text), str)]
    if others and len(others) < len(texts) / 2:
        draft.say(
            f"{name}: a text, because {len(others):,} of its cells are no numbers, "
            f"such as {others[0]!r:.40}; if they are gaps, leave those cells empty"
        )


def _is_boolean(cells: Sequence[Any], has_types: bool) -> bool:
    if has_types or all(isinstance(cell, bool) for cell in cells):
        return all(isinstance(cell, bool) for cell in cells)
    texts = {str(cell).strip().lower() for cell in cells}
    return texts <= (TRUE | FALSE) and bool(texts & {"true", "false"})


def _numbers(name: str, cells: Sequence[Any], has_types: bool) -> list[float]:
    """The cells as numbers, or nothing if one of them is none."""
    found: list[float] = []
    for cell in cells:
        if isinstance(cell, str) and (has_types or CODE.match(cell)):
            return []
        value = number_in(cell) if isinstance(cell, str) else cell
        if isinstance(value, bool) or not isinstance(value, int | float):
            return []
        found.append(value)
    for value in found:
        if not math.isfinite(value):
            raise DraftError(
                f"the column {name} holds {value}: write a finite number, or nothing"
            )
    return found


def _number(draft: Draft, name: str, values: Sequence[float]) -> None:
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    whole = all(float(value).is_integer() for value in values)
    draft.fields["type"] = "integer" if whole else "number"
    draft.say(
        f"{name}: {'whole numbers' if whole else 'numbers'} from {low:g} to {high:g}"
    )
    if low >= 0:
        draft.fields["minimum"] = 0
        draft.say(f"{name}: at least 0, because no value is negative")
    if len(set(ordered)) > FEW:
        last = len(ordered) - 1
        usual = outward(*(ordered[round(last * share)] for share in USUAL))
        draft.fields["usual"] = [*map(_json_number, usual)]
        draft.say(
            f"{name}: usual from {usual[0]:g} to {usual[1]:g}, which holds all but one "
            "of 1,000 at either end, rounded"
        )
    cut = edges(values)
    draft.fields["edges"] = [*map(_json_number, cut)]
    draft.say(f"{name}: {len(cut) + 1} buckets, with edges near its quantiles")


def _category(
    draft: Draft,
    name: str,
    texts: Sequence[str],
    known: Sequence[str] | None,
    keep_all: bool,
) -> None:
    by_frequency = Counter(texts).most_common()
    if known is not None:
        draft.fields["enum"] = list(known)
        draft.say(
            f"{name}: the {len(known)} categories that were given, or that the model "
            "has columns for"
        )
        return
    kept = by_frequency if keep_all else by_frequency[:MAX_CATEGORIES]
    draft.fields["enum"] = sorted(category for category, _ in kept)
    draft.say(f"{name}: {len(by_frequency)} categories")
    if len(by_frequency) > len(kept):
        rest = 1 - sum(count for _, count in kept) / len(texts)
        draft.fields["other"] = True
        draft.say(
            f"{name}: the {MAX_CATEGORIES} most frequent have cells of their own; the "
            f"others, {rest:.1%}, and any unknown text count as {OTHER}"
        )


def _json_number(value: float) -> float:
    return int(value) if value == int(value) else value
