"""The page: one HTML file with everything in it."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import format as formatting
from . import verdict
from .charts import alert_bars, decision_mix, distributions, drift
from .charts.time_axis import time_axis
from .record import Record

# More would not be read.
MAX_ROWS = 200

TEMPLATES = Path(__file__).parent / "templates"


def render(record: Record, generated: datetime) -> str:
    """The page. Text from other sources is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        plain=formatting.plain,
        clock=formatting.clock,
        unbroken=formatting.unbroken,
        severity=alert_bars.severity,
    )
    return environment.get_template("page.html").render(
        record=record,
        generated=generated,
        x=time_axis(record),
        intervals=record.intervals[: distributions.MAX_INTERVALS],
        text=formatting,
        verdict=verdict,
        alert_bars=alert_bars,
        decision_mix=decision_mix,
        distributions=distributions,
        drift=drift,
        max_rows=MAX_ROWS,
        style=Markup((TEMPLATES / "page.css").read_text()),  # noqa: S704 (our own file)
    )
