"""The former name of `holdfast.plots`, until the gate imports that."""

from holdfast.plots import check_plot as check_picture
from holdfast.plots import save_figure as save_picture

__all__ = ["check_picture", "save_picture"]
