"""Two versions of a model side by side, such as before and after a rollout."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .promql import COMPARED, select
from .tables import bars, listing


def panels() -> list[Builder[Panel]]:
    """Which versions there are, and what two of them decide and see."""
    return [_versions(), _mixes(), _distances()]


def _versions() -> Builder[Panel]:
    about = About(
        id=50,
        title="Versions that decide",
        unit="none",
        width=10,
        runbook="CreditModelVersionsMixed",
        description="""
            Every version that is scraped now. Two of them are a rollout or an
            experiment; two hashes of one version are a mistake. A model that was made
            long ago has not seen the last year.
        """,
    )
    short = 'label_replace(credit_model_info{model="$model"}, '
    short += '"hash", "$1", "sha256", "(.{10}).*")'
    created = 'credit_model_created_timestamp_seconds{model="$model"}'
    arriving = 'model:credit_applications:rate1m{model="$model"}'
    return listing(
        about,
        "model_version",
        [
            f"count by (model_version, hash, scikit_learn_version) ({short})",
            f"1000 * max by (model_version) ({created})",
            f"sum by (model_version) ({arriving})",
        ],
        {
            "version": "model_version",
            "hash": "hash",
            "scikit-learn": "scikit_learn_version",
            "replicas": "Value #A",
            "made": "Value #B",
            "applications": "Value #C",
        },
        {"made": "dateTimeFromNow", "applications": "reqps"},
    )


def _mixes() -> Builder[Panel]:
    about = About(
        id=51,
        title="Decisions of $version, beside $compare",
        unit="percentunit",
        width=6,
        runbook="CreditModelVersionsMixed",
        description="""
            What the version that is looked at decides, what is expected of it, and what
            the one it is compared with decides, in the chosen window. If both get the
            same kind of applicants, a difference is the model's.
        """,
    )
    observed = "signal_category:credit_applications:ratio${window}"
    columns = {
        "observed": select(observed, "decision"),
        "expected": select("signal_category:credit_reference:ratio", "decision"),
        "compared": select(observed, "decision", COMPARED),
    }
    shares = {name: f"sum by (category) ({of})" for name, of in columns.items()}
    return bars(about, "category", shares)


def _distances() -> Builder[Panel]:
    about = About(
        id=52,
        title="Distances of $version, beside $compare",
        unit="percentunit",
        width=8,
        runbook="CreditModelVersionsMixed",
        description="""
            How far each signal is from the reference of its own version, in the chosen
            window. Inputs that differ are different applicants; a score that differs
            alone is the model.
        """,
    )
    distance = "signal:credit_drift:distance${window}"
    columns = {
        "observed": f"max by (signal) ({select(distance)})",
        "compared": f"max by (signal) ({select(distance, version=COMPARED)})",
    }
    return bars(about, "signal", columns)
