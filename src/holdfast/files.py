"""The former name of `holdfast.atomic`, until the gate imports that."""

from holdfast.atomic import write_atomically as written_whole

__all__ = ["written_whole"]
