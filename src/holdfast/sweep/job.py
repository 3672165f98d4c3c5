"""One backtest of a sweep: what a worker receives, does, and returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal

from holdfast.errors import BacktestTimedOut, Implausible, UsageError
from holdfast.run import simulate
from holdfast.settings import Settings
from holdfast.simulation import Strategy
from holdfast.sweep.parameters import ParameterSet, format_parameters
from holdfast.sweep.target_tables import TargetTables, summarize_run
from holdfast.sweep.time_limit import TimeUp, time_limit

Row = dict[str, Any]
OnError = Literal["keep", "raise"]

#: The columns that sum up a backtest.
FIGURES = (
    "sharpe",
    "sortino",
    "algorithm_period_return",
    "algo_volatility",
    "max_drawdown",
    "max_leverage",
    "portfolio_value",
    "transactions",
)


@dataclass(frozen=True, slots=True)
class Backtest:
    """A parameter set, and its first and last date, both included."""

    params: ParameterSet
    start: str
    end: str

    @property
    def key(self) -> str:
        """Identifies the backtest among those of the same strategy and settings."""
        return f"{self.start}..{self.end} {format_parameters(self.params)}"


@dataclass(frozen=True, slots=True)
class Job:
    """What all backtests of a sweep have in common; workers receive it with each of them.

    Parameters
    ----------
    strategy
        ``strategy(**params)`` returns ``initialize, handle_data``; the second may be None.
    settings
        Its dates are those of the whole sweep.
    objective
        The figure or recorded name whose last value judges a backtest; more is better.
    errors
        Whether a strategy that raises gives a row with an error, or ends the sweep.
    timeout
        After how many seconds a backtest is given up; None for never.
    """

    strategy: Callable[..., Any]
    settings: Settings
    objective: str
    errors: OnError
    timeout: float | None = None

    def __post_init__(self) -> None:
        if self.timeout is not None and not (isfinite(self.timeout) and self.timeout > 0):
            raise UsageError(
                f"timeout is {self.timeout} seconds; it must be a finite number > 0, or None"
            )

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns of a row, besides the parameters and the error."""
        return FIGURES if self.objective in FIGURES else (*FIGURES, self.objective)

    def run(self, backtest: Backtest) -> Row:
        """Run one backtest and return its row of figures; no perf frame is made."""
        try:
            return self._finish(backtest)
        except KeyboardInterrupt:
            raise
        # A strategy that calls sys.exit() ends itself, not the sweep.
        except BaseException as error:
            if self.errors == "raise":
                error.add_note(f"in the backtest {backtest.key}")
                raise
            return self.failed_row(f"{type(error).__name__}: {error}")

    def failed_row(self, text: str) -> Row:
        """Return the row of a backtest that has no figures."""
        return {**dict.fromkeys(self.figures, float("nan")), "warning": None, "error": text}

    def _finish(self, backtest: Backtest) -> Row:
        try:
            with time_limit(self.timeout):
                summary = self._simulate(backtest)
        except TimeUp:
            raise BacktestTimedOut(
                f"no end after {self.timeout:g} s (give it more by timeout=, "
                f"or look for what never ends)"
            ) from None
        warning = summary["warning"]
        if warning is not None and self.errors == "raise":
            raise Implausible(f"{warning} (errors='keep' gives it a row with this warning)")
        return {**self._pick_figures(summary), "warning": warning, "error": None}

    def _simulate(self, backtest: Backtest) -> Row:
        pair = self.strategy(**backtest.params)
        if not (isinstance(pair, tuple) and len(pair) == 2 and _are_functions(*pair)):
            raise UsageError(
                f"strategy() returned {pair!r}, not two functions: initialize, handle_data "
                f"(None as the second where order_targets says what to hold)"
            )
        settings = replace(self.settings, start=backtest.start, end=backtest.end)
        if isinstance(self.strategy, TargetTables):
            return summarize_run(Strategy(*pair), settings, self.strategy)
        return simulate(Strategy(*pair), settings).metrics.summary()

    def _pick_figures(self, summary: Row) -> Row:
        if self.objective not in summary:
            raise UsageError(
                f"the objective {self.objective!r} is not a figure of a backtest; "
                f"choose from {', '.join(FIGURES)}, or record() it"
            )
        return {
            name: summary[name] if name == "transactions" else float(summary[name])
            for name in self.figures
        }


def _are_functions(initialize: object, handle_data: object) -> bool:
    return callable(initialize) and (handle_data is None or callable(handle_data))
