"""Who is approved, and what arrives that is refused or unusual."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .promql import VERSION, select
from .series import line, lines

DECIDED = "decision_education_level_profession_type:credit_decisions:increase${window}"


def panels() -> list[Builder[Panel]]:
    """Approval by segment, then refused and unusual applications."""
    return [
        _approved(30, "profession_type", "profession"),
        _approved(31, "education_level", "education"),
        _outside(),
        _refused(),
    ]


def _approved(panel: int, label: str, word: str) -> Builder[Panel]:
    about = About(
        id=panel,
        title=f"Approved, by {word}",
        unit="percentunit",
        width=12,
        runbook="CreditDecisionDrift",
        description=f"""
            Of the applications of each {word} in the chosen window, the share that is
            approved. One line that falls alone is a segment that is treated differently
            than before: no alert looks for that. Few applications make it jump.
        """,
    )
    approved = f'{DECIDED}{{decision="APPROVED",{VERSION}}}'
    share = (
        f"sum by ({label}) ({approved}) / (sum by ({label}) ({select(DECIDED)}) > 0)"
    )
    return lines(about, line(share, f"{{{{{label}}}}}"))


def _outside() -> Builder[Panel]:
    about = About(
        id=40,
        title="Refused, and outside the usual range",
        unit="percentunit",
        width=12,
        runbook="CreditUnusualApplications",
        description="""
            Shares in the chosen window: refused as invalid, of all that arrives; below
            or above the usual range, of what is decided. Dashed: as it was in the
            reference. A rise is a form or a channel that changed, such as another unit.
        """,
    )
    outside = f'signal=~"validity|.+_range",category!~"valid|usual",{VERSION}'
    observed = f"signal_category:credit_applications:ratio${{window}}{{{outside}}}"
    expected = f"signal_category:credit_reference:ratio{{{outside}}}"
    return lines(
        about,
        line(f"sum by (signal, category) ({observed})", "{{signal}} {{category}}"),
        line(
            f"sum by (signal, category) ({expected})",
            "{{signal}} {{category}} expected",
        ),
    )


def _refused() -> Builder[Panel]:
    about = About(
        id=41,
        title="Applications, and those refused by field",
        unit="reqps",
        width=12,
        runbook="CreditInvalidApplications",
        description="""
            Applications a second that arrive, and that are refused, by the first field
            at fault; body is what is no application at all. One field that rises is a
            form that changed: tell those who send it. The runbook has them by reason.
        """,
    )
    refused = select("credit_invalid_applications_total")
    return lines(
        about,
        line(f"sum({select('model:credit_applications:rate1m')})", "all that arrive"),
        line(
            f"sum by (field) (rate({refused}[$__rate_interval]))", "{{field}} is wrong"
        ),
    )
