"""Measures the reference population, and makes the card that holds it."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import sklearn

from .application import CATEGORIES, SIDES, LoanApplication
from .applications_csv import UnreadableApplications, read_csv
from .card import Card, CardError
from .decision import EXPECTED_SHARES, Decision, decide
from .model import ModelError, Scorer, unpickle
from .signals import NUMERIC_SIGNALS, RANGE_SIGNALS, Categorical, Numeric

# A model that is further off would alarm from its first day. Within a point the rules
# stay quiet; at two they are wrong every other day, at ten applications a second
# (benchmarks/detection), but a thousand applications are no more certain than that.
TOLERANCE = 0.02


def make_card(
    scorer: Scorer,
    pickled: bytes,
    applications: Sequence[LoanApplication],
    *,
    name: str,
    version: str,
    tolerance: float = TOLERANCE,
    invalid_ratio: float = 0.0,
) -> Card:
    """The card of a model, with `applications`, at least one, as its reference.

    Its reference for decisions is the mix that the credit policy expects. The mix
    that the model really gives may be off by `tolerance` in any share. `invalid_ratio`
    is the share, in [0, 1), of what arrived in the reference period that was refused
    and so is not among `applications`.

    SOURCE_DATE_EPOCH, if set, is the time of creation, which makes the card
    reproducible (reproducible-builds.org/specs/source-date-epoch).

    Raises `CardError` if the model's decisions are further off, or if name or version
    cannot be label values.
    """
    scores = scorer.scores([a.encode() for a in applications]).tolist()
    mix = Categorical.measured([decide(score) for score in scores], Decision).shares
    off = {d: mix[d] - share for d, share in EXPECTED_SHARES.items()}
    if any(abs(difference) > tolerance for difference in off.values()):
        found = ", ".join(
            f"{mix[d]:.1%} {d} (expected {EXPECTED_SHARES[d]:.0%})" for d in mix
        )
        raise CardError(
            f"on its reference applications the model decides {found}; every share "
            f"must be within {100 * tolerance:g} points of what the policy expects"
        )
    now = os.environ.get("SOURCE_DATE_EPOCH")
    created = datetime.fromtimestamp(int(now), UTC) if now else datetime.now(UTC)
    values = {"score": scores} | {
        name: [getattr(a, name) for a in applications]
        for name in NUMERIC_SIGNALS
        if name != "score"
    }
    card = Card(
        name=name,
        version=version,
        sha256=hashlib.sha256(pickled).hexdigest(),
        scikit_learn=sklearn.__version__,
        created=created.replace(microsecond=0),
        applications=len(applications),
        categorical=_categorical(applications, invalid_ratio),
        numeric={
            name: Numeric.measured(values[name], edges)
            for name, edges in NUMERIC_SIGNALS.items()
        },
    )
    # A card that could not be read back must not be written.
    return Card.from_fields(card.to_fields())


def _categorical(
    applications: Sequence[LoanApplication], invalid_ratio: float
) -> dict[str, Categorical]:
    measured = {
        name: Categorical.measured([getattr(a, name) for a in applications], known)
        for name, known in CATEGORIES.items()
    }
    ranges = {
        signal: Categorical.measured([a.side(field) for a in applications], SIDES)
        for field, signal in RANGE_SIGNALS.items()
    }
    validity = {"valid": round(1 - invalid_ratio, 6), "invalid": invalid_ratio}
    return {
        "decision": Categorical(EXPECTED_SHARES),
        **measured,
        **ranges,
        "validity": Categorical(validity),
    }


def _share(text: str) -> float:
    """A command line's share of one."""
    share = float(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to below 1")
    return round(share, 6)


def add_invalid_ratio(parser: argparse.ArgumentParser) -> None:
    """The option `--invalid-ratio` of whatever makes a card."""
    parser.add_argument(
        "--invalid-ratio",
        type=_share,
        default=0.0,
        help="share of arriving applications that was refused back then (default: 0)",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes a card from the command line; a bad input is a sentence, not a trace."""
    parser = argparse.ArgumentParser(
        prog="python -m credit_analyzer.card",
        description=(
            "Make the card of a model that was trained elsewhere. Unpickles the model: "
            "run this only on a pickle that you would run as a program."
        ),
    )
    parser.add_argument("model", type=Path, help="a pickled scikit-learn classifier")
    parser.add_argument("applications", type=Path, help="CSV of reference applications")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, help="default: model.json beside the model")
    add_invalid_ratio(parser)
    options = parser.parse_args(arguments)
    try:
        pickled = options.model.read_bytes()
        applications = [
            application for application, _ in read_csv(options.applications)
        ]
        card = make_card(
            Scorer(unpickle(pickled)),
            pickled,
            applications,
            name=options.name,
            version=options.version,
            invalid_ratio=options.invalid_ratio,
        )
        card.write(options.out or options.model.with_name("model.json"))
    except (CardError, ModelError, UnreadableApplications, OSError) as error:
        sys.exit(str(error))
