"""An application that a card accepts, to try a model out and to show a caller."""

from .inputs import Categorical, Input
from .model_card import Card

Value = str | float | bool


def example(card: Card) -> dict[str, Value]:
    """An ordinary application: first categories, and numbers in the middle."""
    return {name: _value(found) for name, found in card.inputs.items()}


def _value(found: Input) -> Value:
    if isinstance(found, Categorical):
        return found.known[-1] == "true" if found.boolean else found.known[0]
    value = found.edges[len(found.edges) // 2]
    low, high = found.usual or (found.minimum, found.maximum)
    if low is not None:
        value = max(value, low)
    if high is not None:
        value = min(value, high)
    return int(value) if found.integer else value
