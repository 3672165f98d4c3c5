"""The engines that are compared, and what each needs installed."""

from __future__ import annotations

from dataclasses import dataclass

NEXT_CLOSE = "next close"


@dataclass(frozen=True)
class Engine:
    """One row of the table.

    Parameters
    ----------
    module
        The one in ``engines/`` that runs it.
    fills
        At which price an order that was placed at a bar's close is filled.
    needs
        What pip installs into its environment, which is called `home`; nothing for Holdfast,
        which runs where this script does.
    variant
        Passed on to the module, for an engine that has several rows.
    in_one_go
        Whether it computes all bars at once, with no loop over them in Python.
    """

    name: str
    module: str
    fills: str
    needs: tuple[str, ...] = ()
    home: str = ""
    variant: str = ""
    in_one_go: bool = False


def _peer(name: str, fills: str, *needs: str, in_one_go: bool = False) -> Engine:
    return Engine(name, f"on_{name}", fills, needs, name, in_one_go=in_one_go)


ARRAY, UNCHANGED, PLAIN = "holdfast-array", "holdfast", "holdfast-plain"
TARGETS = "holdfast-targets"
WINDOWS, STATISTIC = "holdfast-windows", "holdfast-statistic"
TABLES = "holdfast-tables"
ZIPLINE, ZIPLINE_CLOSE = "zipline", "zipline-close"
SIGNALS = "vectorbt-signals"
_VECTORBT_NEEDS = ("vectorbt==1.2.0",)
_ZIPLINE_NEEDS = ("zipline-reloaded==3.2.1",)

#: Those that compute pipelines, by what they compute; the first of each is the reference.
PIPELINES = {"momentum": ["zipline-momentum", "holdfast-momentum"]}
PIPELINES["factors"] = ["zipline-factors", "holdfast-factors"]
ROSTER = (
    Engine(ARRAY, "on_holdfast", NEXT_CLOSE, variant="array"),
    Engine(TARGETS, "on_holdfast", NEXT_CLOSE, variant="targets"),
    Engine(UNCHANGED, "on_holdfast", NEXT_CLOSE, variant="unchanged"),
    Engine(PLAIN, "on_holdfast", NEXT_CLOSE, variant="plain"),
    Engine(TABLES, "on_holdfast_grid", NEXT_CLOSE, variant="tables"),
    Engine(STATISTIC, "on_holdfast_grid", NEXT_CLOSE, variant="statistic"),
    Engine(WINDOWS, "on_holdfast_grid", NEXT_CLOSE, variant="windows"),
    Engine(ZIPLINE, "on_zipline", NEXT_CLOSE, _ZIPLINE_NEEDS, "zipline", "price"),
    Engine(ZIPLINE_CLOSE, "on_zipline", NEXT_CLOSE, _ZIPLINE_NEEDS, "zipline", "close"),
    *(
        Engine(
            f"zipline-{what}", "on_zipline_pipelines", NEXT_CLOSE, _ZIPLINE_NEEDS, "zipline", what
        )
        for what in PIPELINES
    ),
    *(
        Engine(f"holdfast-{what}", "on_holdfast_pipelines", NEXT_CLOSE, variant=what)
        for what in PIPELINES
    ),
    _peer("backtrader", "next open", "backtrader==1.9.78.123", "pandas>=2.2,<4"),
    _peer("nautilus", "same close", "nautilus_trader==1.221.0"),
    _peer("backtesting", "next open", "backtesting==0.6.6"),
    _peer("bt", NEXT_CLOSE, "bt==1.4.1"),
    _peer("vectorbt", NEXT_CLOSE, *_VECTORBT_NEEDS, in_one_go=True),
    Engine(SIGNALS, "on_vectorbt_signals", NEXT_CLOSE, _VECTORBT_NEEDS, "vectorbt", in_one_go=True),
)
ENGINES = {engine.name: engine for engine in ROSTER}
#: Those that run a scenario, and those that sweep.
_PIPELINES = [name for names in PIPELINES.values() for name in names]
ALONE = [name for name in ENGINES if name not in (TABLES, WINDOWS, STATISTIC, *_PIPELINES)]
_ONE_BY_ONE = (ARRAY, TARGETS, UNCHANGED, PLAIN, SIGNALS)
SWEEPING = [name for name in ENGINES if name not in (*_ONE_BY_ONE, *_PIPELINES)]
