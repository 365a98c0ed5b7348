"""Loads the model that decides, with the card that vouches for it."""

from dataclasses import dataclass
from pathlib import Path

from model_monitor import Card, CardError
from model_monitor.errors import ModelError
from model_monitor.scoring.files import served
from model_monitor.scoring.scorer import Scorer

from . import trusted_files
from .trusted_files import UntrustedFile

ARTIFACTS = Path(__file__).with_name("artifacts")
CARD = "model.json"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that scores, and its card."""

    card: Card
    scorer: Scorer


def load(folder: Path = ARTIFACTS) -> Model:
    """The model in `folder`: its card, model.json, and the file that the card names.

    A pickle is code: it runs when it is loaded. So nothing is loaded before its hash is
    found to be the one on the card, and neither file is read if a stranger can have
    written it. A user who may write both is trusted like the analyzer itself.

    Raises `ModelError` if a file is missing or untrusted, or the two do not belong
    together, or the model was made with other versions of its libraries (which may load
    it and then score differently), or the card does not say what the model decides.
    """
    try:
        [written] = trusted_files.read(folder, CARD)
        card = Card.from_json(written)
        [content] = trusted_files.read(folder, card.file)
    except CardError as error:
        raise ModelError(f"{folder / CARD}: {error}") from error
    except (UntrustedFile, OSError) as error:
        raise ModelError(str(error)) from error
    if not card.columns:
        raise ModelError(f"{folder / CARD}: $.columns is missing; list what it takes")
    if not (card.decisions.cutoffs or card.decisions.argmax):
        raise ModelError(
            f"{folder / CARD}: $.decisions says not how to decide; give from or of"
        )
    return Model(card, Scorer(served(content, card), card))
