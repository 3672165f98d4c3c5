"""The verbs that set a run up, in initialize: models, policies and the benchmark."""

from __future__ import annotations

from holdfast.assets import Asset
from holdfast.errors import (
    IncompatibleCommissionModel,
    IncompatibleSlippageModel,
    SetBeforeTheRun,
    SetCancelPolicyPostInit,
    SetCommissionPostInit,
    SetSlippagePostInit,
    UnsupportedCancelPolicy,
    UnsupportedCommissionModel,
    UnsupportedModel,
    UnsupportedSlippageModel,
    UsageError,
)
from holdfast.finance.cancel_policy import CancelPolicy
from holdfast.finance.commission import CommissionModel, FutureCommissionModel
from holdfast.finance.slippage import FutureSlippageModel, SlippageModel
from holdfast.simulation import Simulation, running


def set_slippage(
    us_equities: SlippageModel | None = None, us_futures: SlippageModel | None = None
) -> None:
    """Choose the slippage model, in initialize.

    Parameters
    ----------
    us_equities
        The model; None leaves the one that is set.
    us_futures
        Accepted as in Zipline, and of no effect: a bundle holds equities only.

    Raises
    ------
    UnsupportedSlippageModel
        When it is not a slippage model.
    """
    simulation = in_initialize("set_slippage", SetSlippagePostInit)
    for model in (us_equities, us_futures):
        _check_model(model, SlippageModel, "set_slippage", UnsupportedSlippageModel)
    if isinstance(us_equities, FutureSlippageModel):
        raise IncompatibleSlippageModel(f"{us_equities!r} is a model of futures: us_futures=")
    if us_equities is not None:
        simulation.blotter.slippage = us_equities


def set_commission(
    us_equities: CommissionModel | None = None, us_futures: CommissionModel | None = None
) -> None:
    """Choose the commission model, in initialize.

    Parameters
    ----------
    us_equities
        The model; None leaves the one that is set.
    us_futures
        Accepted as in Zipline, and of no effect: a bundle holds equities only.

    Raises
    ------
    UnsupportedCommissionModel
        When it is not a commission model.
    """
    simulation = in_initialize("set_commission", SetCommissionPostInit)
    for model in (us_equities, us_futures):
        _check_model(model, CommissionModel, "set_commission", UnsupportedCommissionModel)
    if isinstance(us_equities, FutureCommissionModel):
        raise IncompatibleCommissionModel(f"{us_equities!r} is a model of futures: us_futures=")
    if us_equities is not None:
        simulation.blotter.commission = us_equities


def set_cancel_policy(cancel_policy: CancelPolicy) -> None:
    """Choose what becomes of open orders at a session's end, in initialize.

    Raises
    ------
    UnsupportedCancelPolicy
        When it is not a cancel policy.
    """
    simulation = in_initialize("set_cancel_policy", SetCancelPolicyPostInit)
    _check_model(cancel_policy, CancelPolicy, "set_cancel_policy", UnsupportedCancelPolicy)
    simulation.blotter.cancel_policy = cancel_policy


def set_benchmark(benchmark: Asset) -> None:
    """Accept Zipline's call; the benchmark of a run is always cash, with no return."""
    running("set_benchmark")


def in_initialize(verb: str, error: type[UsageError] = SetBeforeTheRun) -> Simulation:
    """Return the simulation that runs, if it is in initialize.

    Raises
    ------
    SetBeforeTheRun
        When it is not; a verb may have an `error` of its own.
    """
    simulation = running(verb)
    if simulation.phase != "initialize":
        raise error(f"{verb}() works only in initialize")
    return simulation


def _check_model(model: object, kind: type, verb: str, error: type[UnsupportedModel]) -> None:
    if model is not None and not isinstance(model, kind):
        raise error(f"{verb}() got {model!r}, which is not a {kind.__name__}")
