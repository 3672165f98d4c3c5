"""Every error that Holdfast raises on purpose, in one tree.

Each message names the value, the limit and the way out::

    HoldfastError                      catch this to catch them all
    ├── UsageError                     the call or the command line is wrong
    │   ├── MissingExtra               an optional dependency that is not installed
    │   ├── NotSupported               a Zipline verb that Holdfast does not have
    │   ├── ModuleNotSupported         a Zipline module that Holdfast does not have
    │   ├── SetBeforeTheRun            a setting that belongs in initialize (one each, below)
    │   ├── BadLimit                   a control or a question with an argument that is wrong
    │   └── UnsupportedModel           not a slippage, commission or cancel policy model
    ├── BadBars                        input that no bundle may be made of
    ├── BundleError                    a bundle that cannot be opened
    ├── NotInBundle                    a symbol or date that the bundle does not hold
    │   ├── SymbolNotFound, SidsNotFound
    │   ├── BenchmarkAssetNotAvailableTooEarly, BenchmarkAssetNotAvailableTooLate
    │   └── HistoryWindowStartsBeforeData
    ├── OrderError                     an order that cannot be placed
    ├── BacktestTimedOut               a backtest of a sweep ran longer than it may
    ├── Implausible                    a backtest of a sweep lost all, or owed too much
    │   ├── OrderDuringInitialize, OrderInBeforeTradingStart
    │   ├── BadOrderParameters, UnsupportedOrderParameters
    │   └── TransactionWithNoAmount    a slippage model that fills less than a share
    ├── TradingControlViolation        an order that a control of the strategy forbids
    ├── AccountControlViolation        an account that a control of the strategy forbids
    ├── StrategyFailed             a strategy that raised, told without Holdfast's own frames
    ├── WorkerLost                     a backtest of a sweep ends the process it runs in
    ├── TargetMissed                   a commit is too slow to be a baseline (exit code 1)
    └── NothingMeasured                there is nothing to judge (exit code 3)

The names in the middle are those of ``zipline.errors``: an ``except`` clause written for Zipline
catches here what it catches there.
"""

from __future__ import annotations


class HoldfastError(Exception):
    """Base of all errors raised on purpose; its text is meant for the user."""

    exit_code = 2


ZiplineError = HoldfastError  # Zipline's name for the base of its errors


class UsageError(HoldfastError):
    """The call or the command line asks for something that cannot be done."""


class MissingExtra(UsageError, ImportError):
    """An optional dependency is not installed."""


class NotSupported(UsageError, AttributeError):
    """A verb of Zipline's that Holdfast does not have."""


class ModuleNotSupported(UsageError, ModuleNotFoundError):
    """A module of Zipline's that Holdfast does not have."""


class ZeroCapitalError(UsageError):
    """The starting capital is not more than 0."""


class SetBeforeTheRun(UsageError):
    """A setting that can be made in initialize only."""


class SetSlippagePostInit(SetBeforeTheRun):
    """The slippage model is set after initialize."""


class SetCommissionPostInit(SetBeforeTheRun):
    """The commission model is set after initialize."""


class SetCancelPolicyPostInit(SetBeforeTheRun):
    """The cancel policy is set after initialize."""


class SetBenchmarkOutsideInitialize(SetBeforeTheRun):
    """The benchmark is set after initialize."""


class RegisterTradingControlPostInit(SetBeforeTheRun):
    """A trading control is added after initialize."""


class RegisterAccountControlPostInit(SetBeforeTheRun):
    """An account control is added after initialize."""


class BadLimit(UsageError, ValueError):
    """An argument of a control, or of get_environment, that makes no sense."""


class UnsupportedModel(UsageError):
    """What was given is not a model of the kind that the setting needs."""


class UnsupportedSlippageModel(UnsupportedModel):
    """Not a slippage model."""


class UnsupportedCommissionModel(UnsupportedModel):
    """Not a commission model."""


class UnsupportedCancelPolicy(UnsupportedModel):
    """Not a cancel policy."""


class IncompatibleSlippageModel(UnsupportedSlippageModel):
    """A slippage model of futures for equities, or the reverse."""


class IncompatibleCommissionModel(UnsupportedCommissionModel):
    """A commission model of futures for equities, or the reverse."""


class ScheduleFunctionInvalidCalendar(UsageError):
    """A function is scheduled on a calendar that the bundle does not have."""


class BadBars(HoldfastError):
    """The bars or adjustments to ingest are wrong; nothing was written."""


class BundleError(HoldfastError):
    """A bundle is missing, damaged, or was written by another version."""


class NotInBundle(HoldfastError):
    """A symbol or a date lies outside what the bundle holds."""


class SymbolNotFound(NotInBundle):
    """The bundle has no asset of that symbol."""


class SidsNotFound(NotInBundle):
    """The bundle has no asset of that number."""


class BenchmarkAssetNotAvailableTooEarly(NotInBundle):
    """The benchmark starts to trade after the run starts."""


class BenchmarkAssetNotAvailableTooLate(NotInBundle):
    """The benchmark stops trading before the run ends."""


class HistoryWindowStartsBeforeData(NotInBundle):
    """A history window reaches before the first session of the bundle."""


class OrderError(HoldfastError):
    """An order that cannot be placed."""


class BacktestTimedOut(HoldfastError):
    """A backtest of a sweep ran longer than its ``timeout``."""


class Implausible(HoldfastError):
    """A backtest of a sweep lost all its money, or its leverage passed 10."""


class OrderDuringInitialize(OrderError):
    """An order in initialize."""


class OrderInBeforeTradingStart(OrderError):
    """An order in before_trading_start."""


class BadOrderParameters(OrderError):
    """A limit or stop price that is negative or not finite."""


class UnsupportedOrderParameters(OrderError):
    """An order with both a style and prices."""


class CannotOrderDelistedAsset(OrderError):
    """An order worth some money for an asset that has no price."""


class TransactionWithNoAmount(OrderError):
    """A slippage model fills less than one share."""


class TradingControlViolation(HoldfastError):
    """An order would break a limit that the strategy set for itself."""


class AccountControlViolation(HoldfastError):
    """The account breaks a limit that the strategy set for itself."""


class StrategyFailed(HoldfastError):
    """A strategy raised an error, at the command line."""


class WorkerLost(HoldfastError):
    """A backtest of a sweep ends its worker process again and again."""


class TargetMissed(HoldfastError):
    """A commit misses a target of the policy, so no baseline is made of it."""

    exit_code = 1


class NothingMeasured(HoldfastError):
    """No result was stored or measured that could be judged."""

    exit_code = 3
