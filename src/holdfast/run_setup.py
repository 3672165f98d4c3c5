"""The verbs that set a run up, in initialize: models, the benchmark, and limits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from holdfast.assets import Asset
from holdfast.errors import (
    IncompatibleCommissionModel,
    IncompatibleSlippageModel,
    RegisterAccountControlPostInit,
    RegisterTradingControlPostInit,
    SetBeforeTheRun,
    SetBenchmarkOutsideInitialize,
    SetCancelPolicyPostInit,
    SetCommissionPostInit,
    SetSlippagePostInit,
    UnsupportedCancelPolicy,
    UnsupportedCommissionModel,
    UnsupportedModel,
    UnsupportedSlippageModel,
    UsageError,
)
from holdfast.finance.asset_restrictions import Restrictions, StaticRestrictions
from holdfast.finance.benchmark import returns_of_asset
from holdfast.finance.cancel_policy import CancelPolicy
from holdfast.finance.commission import CommissionModel, FutureCommissionModel
from holdfast.finance.controls import (
    AccountControl,
    LongOnly,
    MaxLeverage,
    MaxOrderCount,
    MaxOrderSize,
    MaxPositionSize,
    MinLeverage,
    OnError,
    RestrictedListOrder,
    TradingControl,
)
from holdfast.finance.slippage import FutureSlippageModel, SlippageModel
from holdfast.simulation import Simulation, get_running


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
    """Compare the run with an asset, in initialize.

    The perf frame's benchmark_period_return, benchmark_volatility, alpha and beta are then the
    asset's; without a benchmark they are cash's, which does not move.

    Raises
    ------
    BenchmarkAssetNotAvailableTooEarly, BenchmarkAssetNotAvailableTooLate
        When the asset does not trade from the run's start to its end.
    """
    simulation = in_initialize("set_benchmark", SetBenchmarkOutsideInitialize)
    if not isinstance(benchmark, Asset):
        raise UsageError(f"set_benchmark() needs an asset, not {benchmark!r} (symbol('SPY'))")
    span = (simulation.parameters.first, simulation.parameters.last)
    simulation.metrics.benchmark = returns_of_asset(simulation.portal, benchmark, *span)


def set_long_only(on_error: OnError = "fail") -> None:
    """Allow no order that would make a position short, in initialize.

    Parameters
    ----------
    on_error
        ``fail`` raises TradingControlViolation, ``log`` writes an error to the log.
    """
    _add_trading_control("set_long_only", LongOnly(on_error=on_error))


def set_max_order_count(max_count: int, on_error: OnError = "fail") -> None:
    """Allow at most so many orders a day, in initialize.

    Parameters
    ----------
    max_count
        Orders a day; one for no shares counts.
    on_error
        ``fail`` raises TradingControlViolation, ``log`` writes an error to the log.
    """
    _add_trading_control("set_max_order_count", MaxOrderCount(max_count, on_error=on_error))


def set_max_order_size(
    asset: Asset | None = None,
    max_shares: float | None = None,
    max_notional: float | None = None,
    on_error: OnError = "fail",
) -> None:
    """Allow no order beyond a size, in initialize.

    Parameters
    ----------
    asset
        The asset that is limited; None for each.
    max_shares, max_notional
        Shares, and currency at the last known price; at least one of them.
    on_error
        ``fail`` raises TradingControlViolation, ``log`` writes an error to the log.
    """
    control = MaxOrderSize(asset, max_shares, max_notional, on_error=on_error)
    _add_trading_control("set_max_order_size", control)


def set_max_position_size(
    asset: Asset | None = None,
    max_shares: float | None = None,
    max_notional: float | None = None,
    on_error: OnError = "fail",
) -> None:
    """Allow no order that would make a position beyond a size, in initialize.

    Parameters
    ----------
    asset
        The asset that is limited; None for each.
    max_shares, max_notional
        Shares, and currency at the last known price; at least one of them.
    on_error
        ``fail`` raises TradingControlViolation, ``log`` writes an error to the log.
    """
    control = MaxPositionSize(asset, max_shares, max_notional, on_error=on_error)
    _add_trading_control("set_max_position_size", control)


def set_asset_restrictions(restrictions: Restrictions, on_error: OnError = "fail") -> None:
    """Allow no order for restricted assets, in initialize; ``data.can_trade`` is False for them.

    Parameters
    ----------
    restrictions
        Of ``holdfast.finance.asset_restrictions``.
    on_error
        ``fail`` raises TradingControlViolation, ``log`` writes an error to the log.
    """
    control = RestrictedListOrder(restrictions, on_error=on_error)
    simulation = _add_trading_control("set_asset_restrictions", control)
    simulation.data.restrict(restrictions)


def set_do_not_order_list(
    restricted_list: Iterable[Asset] | Restrictions, on_error: OnError = "fail"
) -> None:
    """Allow no order for the assets of a list, in initialize: Zipline's older name.

    See Also
    --------
    set_asset_restrictions
    """
    if not isinstance(restricted_list, Restrictions):
        restricted_list = StaticRestrictions(restricted_list)
    set_asset_restrictions(restricted_list, on_error)


def set_max_leverage(max_leverage: float) -> None:
    """End the run when gross exposure over portfolio value exceeds a limit, in initialize.

    It is looked at as each session ends.
    """
    _add_account_control("set_max_leverage", MaxLeverage(max_leverage))


def set_min_leverage(min_leverage: float, grace_period: timedelta) -> None:
    """End the run when gross exposure over portfolio value is below a limit, in initialize.

    Parameters
    ----------
    min_leverage
        Looked at as each session ends.
    grace_period
        From the run's start; after it the limit holds.
    """
    start = get_running("set_min_leverage").parameters.start_session
    _add_account_control("set_min_leverage", MinLeverage(min_leverage, start + grace_period))


def _add_trading_control(verb: str, control: TradingControl) -> Simulation:
    simulation = in_initialize(verb, RegisterTradingControlPostInit)
    simulation.trading_controls.append(control)
    return simulation


def _add_account_control(verb: str, control: AccountControl) -> None:
    in_initialize(verb, RegisterAccountControlPostInit).account_controls.append(control)


def in_initialize(verb: str, error: type[UsageError] = SetBeforeTheRun) -> Simulation:
    """Return the simulation that runs, if it is in initialize.

    Raises
    ------
    SetBeforeTheRun
        When it is not; a verb may have an `error` of its own.
    """
    simulation = get_running(verb)
    if simulation.phase != "initialize":
        raise error(f"{verb}() works only in initialize")
    return simulation


def _check_model(model: object, kind: type, verb: str, error: type[UnsupportedModel]) -> None:
    if model is not None and not isinstance(model, kind):
        raise error(f"{verb}() got {model!r}, which is not a {kind.__name__}")
