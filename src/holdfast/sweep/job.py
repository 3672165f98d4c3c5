"""One backtest of a sweep: what a worker gets, does, and sends back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.run import run_algorithm
from holdfast.sweep.parameters import ParameterSet, shown

Row = dict[str, Any]
OnError = Literal["keep", "raise"]

_LAST = (
    "sharpe",
    "sortino",
    "algorithm_period_return",
    "algo_volatility",
    "max_drawdown",
    "portfolio_value",
)
#: The columns that sum up a backtest.
FIGURES = (*_LAST, "transactions")


@dataclass(frozen=True, slots=True)
class Backtest:
    """A parameter set, and the first and last date it runs over, both included."""

    params: ParameterSet
    start: str
    end: str

    @property
    def key(self) -> str:
        """What tells it from any other backtest of the same strategy, bundle and options."""
        return f"{self.start}..{self.end} {shown(self.params)}"


@dataclass(frozen=True, slots=True)
class Job:
    """What all backtests of a sweep have in common; it goes to the workers with each of them.

    Parameters
    ----------
    strategy
        ``strategy(**params)`` returns ``initialize, handle_data``.
    bundle
        The folder, absolute.
    layers
        Which optimisations are on.
    objective
        The column of the perf frame whose last value judges a backtest; more is better.
    errors
        Whether a strategy that raises gives a row with an error, or ends the sweep.
    options
        What else ``run_algorithm`` is given.
    """

    strategy: Callable[..., Any]
    bundle: str
    layers: Layers
    objective: str
    errors: OnError
    options: Mapping[str, Any]

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns of a row, besides the parameters and the error."""
        return FIGURES if self.objective in FIGURES else (*FIGURES, self.objective)

    def row(self, backtest: Backtest) -> Row:
        """Run one backtest and sum it up; the frame itself stays in the worker."""
        try:
            return {**self._summary(self._perf(backtest)), "error": None}
        # A strategy that calls sys.exit() ends itself, not the sweep.
        except (Exception, SystemExit) as error:
            if self.errors == "raise":
                error.add_note(f"in the backtest {backtest.key}")
                raise
            text = f"{type(error).__name__}: {error}"
            return {**dict.fromkeys(self.figures, float("nan")), "error": text}

    def _perf(self, backtest: Backtest) -> pd.DataFrame:
        made = self.strategy(**backtest.params)
        if not (isinstance(made, tuple) and len(made) == 2 and all(map(callable, made))):
            raise UsageError(
                f"strategy() returned {made!r}, not two functions: initialize, handle_data"
            )
        initialize, handle_data = made
        return run_algorithm(
            start=backtest.start,
            end=backtest.end,
            initialize=initialize,
            handle_data=handle_data,
            bundle=self.bundle,
            layers=self.layers,
            **self.options,
        )

    def _summary(self, perf: pd.DataFrame) -> Row:
        if self.objective not in perf:
            raise UsageError(
                f"the objective {self.objective!r} is no column of the perf frame; choose from "
                f"{', '.join(FIGURES)}, or record() it"
            )
        last = perf.iloc[-1]
        row: Row = {name: float(last[name]) for name in self.figures if name != "transactions"}
        row["transactions"] = sum(map(len, perf["transactions"]))
        return {name: row[name] for name in self.figures}
