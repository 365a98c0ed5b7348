"""Where a signal moved to: observed beside the reference."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .promql import cumulative_observed, cumulative_reference, named, per_bucket, select
from .tables import bars

READING = (
    "Shares in the chosen window beside those of the population that the model was "
    "trained on. "
)


def panels() -> list[Builder[Panel]]:
    """What the model is given, and the score that it makes of it."""
    return [
        _amounts(20, "score", "Scores", "0.4 and 0.65 part the decisions."),
        _amounts(21, "monthly_income", "Monthly incomes, in BRL", _UNIT),
        _amounts(22, "loan_amount", "Loan amounts, in BRL", _UNIT),
        _categories(23, "education_level", "Education"),
        _categories(24, "profession_type", "Profession"),
    ]


_UNIT = """All of it shifted: hard times, or another unit. One bar that stands out: a
default that a form fills in."""


def _amounts(panel: int, signal: str, title: str, hint: str) -> Builder[Panel]:
    about = About(
        id=panel,
        title=title,
        unit="percentunit",
        width=8,
        height=9,
        runbook="CreditScoreDrift" if signal == "score" else "CreditInputDrift",
        description=f"""
            {READING}A bar for each bucket of the histogram. {hint}
        """,
    )
    observed = per_bucket(cumulative_observed(signal))
    expected = per_bucket(cumulative_reference(signal))
    columns = {"observed": f"sum by (above) ({observed})", "expected": named(expected)}
    return bars(about, "bucket", columns, order="above")


def _categories(panel: int, signal: str, title: str) -> Builder[Panel]:
    about = About(
        id=panel,
        title=title,
        unit="percentunit",
        width=12,
        runbook="CreditInputDrift",
        description=f"""
            {READING}A category that grew or shrank is a campaign, a channel that came
            or went, or a form that maps it wrongly.
        """,
    )
    observed = select("signal_category:credit_applications:ratio${window}", signal)
    expected = select("signal_category:credit_reference:ratio", signal)
    columns = {"observed": observed, "expected": expected}
    shares = {name: f"sum by (category) ({of})" for name, of in columns.items()}
    return bars(about, "category", shares)
