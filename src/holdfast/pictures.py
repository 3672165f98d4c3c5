"""The former name of `holdfast.plots`, until the gate imports that."""

from holdfast.plots import check_picture, save_picture

__all__ = ["check_picture", "save_picture"]
