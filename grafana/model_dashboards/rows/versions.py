"""Two versions of a model side by side, such as before and after a rollout."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.promql import CELL, COMPARED, DISTRIBUTIONS, MOVING, observed, reference
from ..panels.series import now, ranking, steps
from ..panels.tables import Column, bars, listing

MODEL = 'model="$model",${site:raw}'
DECISIONS = 'role="decision"'


def panels() -> list[Builder[Panel]]:
    """The row from left to right."""
    return [_versions(), _mixes(), _differences()]


def _versions() -> Builder[Panel]:
    about = About(
        id=60,
        title="Versions that decide",
        unit="none",
        width=10,
        runbook="ModelVersionsMixed",
        empty="No version of the model is scraped now.",
        description="""
            The versions that are scraped now. Two of them are a rollout or an
            experiment. Two hashes of one version are a mistake: take the replicas with
            the wrong file out of traffic. Compare the decisions of an old model with
            their outcomes.
        """,
    )
    short = (
        f'label_replace(model_info{{{MODEL}}}, "hash", "$1", "sha256", "(.{{10}}).*")'
    )
    created = f"model_created_timestamp_seconds{{{MODEL}}}"
    decided = f'model_cells_total{{role="decision",kind="all",{MODEL}}}'
    return listing(
        about,
        "model_version",
        [
            f"count by (model_version, hash, library) ({short})",
            f"1000 * max by (model_version) ({created})",
            f"sum by (model_version) (increase({decided}[$range]))",
        ],
        {
            "model_version": Column("version"),
            "hash": Column("hash"),
            "library": Column("library"),
            "Value #A": Column("replicas"),
            "Value #B": Column("made", "dateTimeFromNow"),
            "Value #C": Column("applications", "locale", decimals=0),
        },
    )


def _mixes() -> Builder[Panel]:
    about = About(
        id=61,
        title="Decisions of $version beside $compare",
        unit="percentunit",
        width=7,
        runbook="ModelVersionsMixed",
        empty="No application was decided in this range: choose a longer one.",
        description="""
            Shares of the decisions in the chosen range: of the version that is shown,
            of its reference, and of the version that it is compared with. If both get
            the same kind of applications, a difference comes from the model: end the
            rollout if it is not intended.
        """,
    )
    cells = f'{DECISIONS},kind="category"'
    columns = {
        "expected": reference(cells),
        "observed": observed(cells, DECISIONS),
        "compared": observed(cells, DECISIONS, COMPARED),
    }
    shares = {name: f"sum by (category) ({of})" for name, of in columns.items()}
    shares["expected"] = f"sort_desc({shares['expected']})"
    return bars(about, "category", shares)


def _differences() -> Builder[Panel]:
    about = About(
        id=62,
        title="How far $version is from $compare",
        unit="percentunit",
        width=7,
        runbook="ModelVersionsMixed",
        empty="No application was decided in this range: choose a longer one.",
        description="""
            For each signal, the largest difference between the shares of both versions
            in the chosen range; all are zero if one is compared with itself. Inputs
            that differ are different applicants, so check how traffic is split. A score
            or a decision that differs alone is the model.
        """,
    )
    cells = f"{DISTRIBUTIONS},{MOVING}"
    one = observed(cells, DISTRIBUTIONS)
    other = observed(cells, DISTRIBUTIONS, COMPARED)
    difference = f"max by (signal) (abs({one} - on ({CELL}) {other}))"
    colours = steps((None, "blue"))
    largest = now(f"sort_desc(topk(10, {difference}))", "{{signal}}")
    return ranking(about, colours, largest)
