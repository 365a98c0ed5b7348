"""Makes and checks model cards.

model-monitor card model.pkl applications.csv --decide NO:0.5,YES --out model.json
model-monitor card --check model.json
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .card import Card
from .errors import DraftError


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command. What is wrong is a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="model-monitor", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _add_card(
        commands.add_parser("card", help="make the card of a model, or check one")
    )
    _add_batch(commands.add_parser("batch", help="count what a job has scored"))
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f"model-monitor: {error}")


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make the card of a model. Unpickles the model: run this only on a pickle that "
        "you would run as a program."
    )
    add = parser.add_argument
    add("model", type=Path, nargs="?", help="a pickled classifier, or ONNX")
    add("table", type=Path, nargs="?", help="reference applications, CSV or Parquet")
    add("--check", type=Path, metavar="CARD", help="check a card instead")
    add("--out", type=Path, help="default: the model's file, with .json")
    add("--force", action="store_true", help="replace a card that is there")
    add("--like", type=Path, metavar="CARD", help="the card of a former version")
    add("--name", default="", help="default: the name of the file, or of its folder")
    add("--version", default="", help="default: 1.0.0, or with --like the same")
    add("--namespace", default="", help="first word of its metrics; default: the name")
    add("--outcome", metavar="COLUMN", help="the column that the model predicts")
    add("--ignore", default="", metavar="COLUMN,...", help="columns to leave out")
    add("--columns", default="", metavar="FIELD|FIELD=CATEGORY,...")
    add("--ordinal", action="store_true", help="categories are encoded as 0, 1, 2, ...")
    add("--categories", action="append", default=[], metavar="FIELD=A,B,...")
    add("--unit", action="append", default=[], metavar="FIELD=UNIT")
    add(
        "--score-class",
        default="",
        metavar="CLASS",
        help="the score is its probability",
    )
    add("--decide", default="", metavar="REJECT:0.4,REVIEW:0.65,ACCEPT")
    add("--expect", default="", metavar="measured|50/20/30|ACCEPT=30,...")
    add("--segments", default="", metavar="FIELD,...", help="watch decisions by these")
    add("--refused", type=_share, default=0.0, help="share that was refused back then")
    parser.set_defaults(run=_card)


def _card(options: argparse.Namespace) -> None:
    if options.check:
        _check(options.check)
        return
    if not options.table:
        sys.exit("model-monitor card: name a model and a table, or --check a card")
    from .drafting.make import Wishes, make, written
    from .drafting.table import read_table

    out = _free(options)
    wishes = Wishes(
        name=options.name,
        version=options.version,
        namespace=options.namespace,
        ignore=(*_listed(options.ignore), *_listed(options.outcome)),
        columns=_listed(options.columns),
        ordinal=options.ordinal,
        categories={k: _listed(v) for k, v in _pairs(options.categories).items()},
        units=_pairs(options.unit),
        positive_class=options.score_class,
        decide=options.decide,
        expect=options.expect,
        segments=_listed(options.segments),
        refused=options.refused,
    )
    like: Mapping[str, Any] | None = None
    if options.like:
        _check_like(options)
        Card.from_file(options.like)
        like = json.loads(options.like.read_text(encoding="utf-8-sig"))
    made = make(options.model, read_table(options.table), wishes, like)
    out.write_text(written(made.fields), encoding="utf-8")
    print("\n".join(made.notes))
    print(
        f"written to {out}; read it, correct it, and check it: "
        f"model-monitor card --check {out}"
    )


def _free(options: argparse.Namespace) -> Path:
    """Where the card goes. Raises `DraftError` if something else would be lost."""
    out: Path = options.out or options.model.with_suffix(".json")
    for used in (options.model, options.table):
        if out.resolve() == used.resolve():
            raise DraftError(f"{out} is read; name another file for the card (--out)")
    if out.exists() and not options.force:
        raise DraftError(
            f"{out} exists; name another file (--out), or replace it (--force)"
        )
    return out


def _check_like(options: argparse.Namespace) -> None:
    """Raises `DraftError` if an option says what the former card says."""
    names = ("columns", "ordinal", "categories", "unit", "score_class", "decide")
    given = [name for name in (*names, "segments") if getattr(options, name)]
    if given:
        said = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise DraftError(
            f"--like takes inputs and decisions from {options.like}: leave out {said}, "
            "or leave out --like"
        )


def _check(path: Path) -> None:
    card = Card.from_file(path)
    model = path.with_name(card.file)
    print(
        f"{card.name} {card.version}: {len(card.inputs)} inputs, "
        f"{len(card.signals)} signals, "
        f"{sum(len(s.cells) for s in card.signals):,} cells; reference of "
        f"{card.applications:,} applications"
    )
    if not model.exists():
        print(f"{model} is not there: only the card was checked")
        return
    from .scoring.files import checked
    from .scoring.scorer import Scorer

    Scorer(checked(model.read_bytes(), card), card)
    print(f"{model} belongs to it, and scores an ordinary application")


def _add_batch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Count the rows of a table that a job has scored. Counters continue from run "
        "to run. With no table only zeros are written, ahead of the first run."
    )
    add = parser.add_argument
    add("card", type=Path)
    add("table", type=Path, nargs="?", help="scored applications, CSV or Parquet")
    add("--score", default="score", metavar="COLUMN")
    add("--decision", metavar="COLUMN", help="default: it follows from the score")
    add(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="after zeros, before the counts of a first run (default: 150)",
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--textfile", type=Path, help="for node_exporter to expose")
    where.add_argument("--pushgateway", metavar="URL")
    add("--job", default="model-monitor", help="label of what is pushed")
    parser.set_defaults(run=_batch)


def _batch(options: argparse.Namespace) -> None:
    from . import batch
    from .drafting.table import read_table

    card = Card.from_file(options.card)
    rows: Sequence[Mapping[str, Any]] = ()
    if options.table:
        table = read_table(options.table)
        rows = table.scored(card.inputs, options.score, options.decision)
    wait = batch.ZERO_SECONDS if options.wait is None else options.wait
    if not rows:
        wait = 0
    if options.textfile:
        if wait and not options.textfile.exists():
            print(f"zeros first, for Prometheus to see: wait {wait:g} s", flush=True)
        target = batch.to_textfile(card, options.textfile, wait)
    else:
        target = batch.to_pushgateway(card, options.pushgateway, options.job, wait)
    with target as monitor:
        refused = batch.count_rows(monitor, rows, options.score, options.decision)
    print(f"{len(rows) - refused:,} applications counted, {refused:,} refused")


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split(",") if part)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not value:
            raise DraftError(f"{text} must have the form FIELD=VALUE")
        if name in pairs:
            raise DraftError(f"{text}: {name} is given twice")
        pairs[name] = value
    return pairs


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to below 1")
    return round(share, 6)


if __name__ == "__main__":
    main()
