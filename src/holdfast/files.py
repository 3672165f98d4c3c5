"""The former name of `holdfast.atomic`, until the gate imports that."""

from holdfast.atomic import written_whole

__all__ = ["written_whole"]
