"""Pictures are drawn by matplotlib, which whoever wants one installs: it is an extra."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.atomic import check_output, write_atomically
from holdfast.extras import missing_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_plot(option: str, path: Path | None) -> None:
    """Refuse a picture that could not be drawn, before the work on what it would show.

    Raises
    ------
    UsageError
        When the name ends otherwise than in .png or .svg, or its folder is not there.
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
    """Write a figure as its name's ending says; the same figure gives the same bytes."""
    from matplotlib import rc_context

    # Text stays text, and the names inside the file do not differ from one time to the next.
    style = rc_context({"svg.fonttype": "none", "svg.hashsalt": "holdfast"})
    with style, write_atomically(path) as part:
        figure.savefig(part, dpi=150, metadata={"Date": None}, bbox_inches="tight", pad_inches=0.15)
