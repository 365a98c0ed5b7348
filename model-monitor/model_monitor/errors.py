"""What can be wrong with a card, and with the model that it describes."""


class CardError(ValueError):
    """A card that cannot be used. The message names the JSON path and the fix."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class DraftError(ValueError):
    """Something that cannot be inferred. The message names the option that says it."""


class ModelError(Exception):
    """A model that must not decide on anything. The message says why, and the fix."""
