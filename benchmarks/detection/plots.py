"""The two plots of the study, drawn from its results."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

Row = Mapping[str, Any]

# A look that is readable on white and on dark pages, and the same in every run.
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "detection",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}
OURS = "#0b5fa5"
OTHERS = ("#c1440e", "#2e7d32", "#7b3fa0", "#b8860b", "#00838f", "#ad1457", "#5d4037")
MARKERS = "osDv^<>"
WAITED_FOR = "20 / 60 / 20"
RATE = 10


def draw(results: Path) -> None:
    """Writes delay-against-false-alarms.svg and delay-against-size.svg."""
    ours = json.loads((results / "characteristics.json").read_text())
    rows = json.loads((results / "alternatives.json").read_text())["rows"]
    others = [
        row
        for row in rows
        if row["stream"] == "decision" and row["detector"] != "these rules"
    ]
    with mpl.rc_context(STYLE):
        for name, fill in (
            ("delay-against-false-alarms", _false_alarms),
            ("delay-against-size", _size),
        ):
            figure = Figure(figsize=(7.5, 4.6), layout="constrained")
            fill(figure.subplots(), ours, others)
            path = results / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None}, facecolor="white")


def _false_alarms(axes: Axes, ours: Row, others: Sequence[Row]) -> None:
    curve = ours["operating_curve"]
    shown = [point for point in curve if point["per_30_days"]]
    axes.plot(
        [point["per_30_days"] for point in shown],
        [point["median"] for point in shown],
        color=OURS,
        marker=".",
        label="these rules, thresholds of "
        f"{shown[0]['nats']:g} to {shown[-1]['nats']:g} nats",
    )
    shipped = curve[-1]
    axes.plot(
        # If there was none, less than one in that time is all that can be said.
        shipped["per_30_days"] or 30 / shipped["days"],
        shipped["median"],
        "*",
        color=OURS,
        ms=14,
        label=f"as shipped ({shipped['nats']:g})",
    )
    for row, color, marker in _styled(others):
        median = row["delays"][WAITED_FOR]["median"]
        if median is None:
            continue
        named = axes.get_legend_handles_labels()[1]
        per_30_days = max(row["false_alarms"], 0.5) * 30 / row["days"]
        retuned = row["setting"] == "retuned"
        axes.plot(
            per_30_days,
            median,
            marker,
            color=color,
            fillstyle="none" if retuned else "full",
            label=None if row["detector"] in named else row["detector"],
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="false alarms in 30 days, at 10 decisions a second",
        ylabel=f"median delay in seconds, 30/50/20 to {WAITED_FOR.replace(' ', '')}",
    )
    axes.set_yticks([30, 50, 100, 200], ["30", "50", "100", "200"])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(fontsize=8, title="filled: defaults; hollow: retuned", title_fontsize=8)


def _size(axes: Axes, ours: Row, others: Sequence[Row]) -> None:
    delays = sorted(
        (
            row
            for row in ours["delays"]
            if row["signal"] == "decision" and row["rate"] == RATE
        ),
        key=lambda row: (row["distance"], row["limit"]),
    )
    sizes = {row["change"]: 100 * row["distance"] for row in delays}
    axes.plot(
        list(sizes.values()),
        [row["limit"] for row in delays],
        "--",
        color="#666666",
        label="the least that is possible",
    )
    axes.plot(
        list(sizes.values()),
        [row["median"] for row in delays],
        "*-",
        color=OURS,
        ms=9,
        label="these rules, as shipped",
    )
    for row, color, marker in _styled(others):
        points = [
            (sizes[change], found["median"])
            for change, found in row["delays"].items()
            if found["median"] is not None
        ]
        if row["setting"] == "retuned" and points:
            axes.plot(
                *zip(*sorted(points), strict=True),
                marker,
                color=color,
                ls=":",
                lw=0.8,
                fillstyle="none",
                label=None
                if row["detector"] in axes.get_legend_handles_labels()[1]
                else row["detector"],
            )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="size of the shift, points of the population",
        ylabel="median delay in seconds",
    )
    axes.set_xticks([5, 10, 20, 50], ["5", "10", "20", "50"])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks([3, 10, 30, 100, 300], ["3", "10", "30", "100", "300"])
    axes.legend(fontsize=8, title="others retuned to one in 30 days", title_fontsize=8)


def _styled(rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    names = list(dict.fromkeys(row["detector"] for row in rows))
    for row in rows:
        i = names.index(row["detector"])
        yield row, OTHERS[i % len(OTHERS)], MARKERS[i % len(MARKERS)]
