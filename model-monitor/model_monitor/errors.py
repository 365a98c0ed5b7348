"""What can be wrong with a card, and with the model that it describes."""

# A sentence for a terminal or a log, however long the names in it are.
MAX_LENGTH = 900


class Problem(ValueError):
    """Something that a person has to correct. The message says what, and how.

    Characters that would not be seen are escaped, and a long message is cut.
    """

    def __init__(self, message: str) -> None:
        shown = "".join(c if c.isprintable() else _escaped(c) for c in message)
        super().__init__(
            f"{shown[:MAX_LENGTH]}..." if len(shown) > MAX_LENGTH else shown
        )


class CardError(Problem):
    """A card that cannot be used. The message names the JSON path and the fix."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class DraftError(Problem):
    """Something that cannot be inferred. The message names the option that says it."""


class ModelError(Problem):
    """A model that must not decide on anything. The message says why, and the fix."""


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
