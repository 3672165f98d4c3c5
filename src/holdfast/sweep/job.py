"""One backtest of a sweep: what a worker gets, does, and sends back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.run import simulate
from holdfast.simulation import Strategy
from holdfast.sweep.parameters import ParameterSet, format_parameters

Row = dict[str, Any]
OnError = Literal["keep", "raise"]

#: The columns that sum up a backtest.
FIGURES = (
    "sharpe",
    "sortino",
    "algorithm_period_return",
    "algo_volatility",
    "max_drawdown",
    "portfolio_value",
    "transactions",
)


@dataclass(frozen=True, slots=True)
class Backtest:
    """A parameter set, and the first and last date it runs over, both included."""

    params: ParameterSet
    start: str
    end: str

    @property
    def key(self) -> str:
        """What tells it from any other backtest of the same strategy, bundle and options."""
        return f"{self.start}..{self.end} {format_parameters(self.params)}"


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
        The figure or recorded name whose last value judges a backtest; more is better.
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
        """Run one backtest and sum it up; no frame is made of it."""
        try:
            return {**self._pick_figures(self._run(backtest)), "error": None}
        # A strategy that calls sys.exit() ends itself, not the sweep.
        except (Exception, SystemExit) as error:
            if self.errors == "raise":
                error.add_note(f"in the backtest {backtest.key}")
                raise
            text = f"{type(error).__name__}: {error}"
            return {**dict.fromkeys(self.figures, float("nan")), "error": text}

    def _run(self, backtest: Backtest) -> Row:
        made = self.strategy(**backtest.params)
        if not (isinstance(made, tuple) and len(made) == 2 and all(map(callable, made))):
            raise UsageError(
                f"strategy() returned {made!r}, not two functions: initialize, handle_data"
            )
        simulation = simulate(
            Strategy(*made),
            start=backtest.start,
            end=backtest.end,
            bundle=self.bundle,
            layers=self.layers,
            **self.options,
        )
        return simulation.metrics.summary()

    def _pick_figures(self, summary: Row) -> Row:
        if self.objective not in summary:
            raise UsageError(
                f"the objective {self.objective!r} is no figure of a backtest; choose from "
                f"{', '.join(FIGURES)}, or record() it"
            )
        return {
            name: summary[name] if name == "transactions" else float(summary[name])
            for name in self.figures
        }
