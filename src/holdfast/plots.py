"""Optional output of figures with matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.atomic import check_output, write_atomically
from holdfast.extras import missing_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_plot(option: str, path: Path | None) -> None:
    """Refuse a plot that could not be drawn, before its data are computed.

    Raises
    ------
    UsageError
        When the name does not end in .png or .svg, or its folder does not exist.
    MissingExtra
        When matplotlib is not installed.
    """
    check_output(option, path, (".png", ".svg"))
    if path is None:
        return
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise missing_extra(option, "plots") from None


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure in the format of its suffix; the same figure gives the same bytes."""
    from matplotlib import rc_context

    # Text stays text, and the identifiers inside the file are the same each time.
    style = rc_context({"svg.fonttype": "none", "svg.hashsalt": "holdfast"})
    with style, write_atomically(path) as part:
        figure.savefig(part, dpi=150, metadata={"Date": None}, bbox_inches="tight", pad_inches=0.15)
