"""Strategies in Zipline's API, written once: `api` is ``zipline.api`` or ``holdfast.api``.

Each returns the functions that ``run_algorithm`` takes, by name. What a strategy sees it may
append to `notes`, in plain form.
"""

from __future__ import annotations

from typing import Any

Functions = dict[str, Any]


def set_costs(api: Any, costs: str) -> None:
    """Choose one of the three settings of costs that scenarios run with."""
    if costs == "volume_share":
        api.set_slippage(api.slippage.VolumeShareSlippage(volume_limit=0.025, price_impact=0.1))
        api.set_commission(api.commission.PerShare(cost=0.0075, min_trade_cost=1.0))
    elif costs == "zero":
        api.set_slippage(api.slippage.NoSlippage())
        api.set_commission(api.commission.NoCommission())


def crossover(api: Any, notes: list[Any], costs: str) -> Functions:
    """Hold what is above its slower average; orders are larger than a day's volume allows."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(10)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            closes = data.history(asset, "price", 30, "1d")
            above = closes.iloc[-8:].mean() > closes.mean()
            if not api.get_open_orders(asset):
                api.order_target(asset, 4000 if above else 0)
        api.record(cash=context.portfolio.cash, held=len(context.portfolio.positions))

    return {"initialize": initialize, "handle_data": handle_data}


def momentum(api: Any, notes: list[Any], costs: str) -> Functions:
    """Every minute: long what rose over 1200 minutes, short what fell."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(3)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            prices = data.history(asset, "price", 1200, "1m")
            change = prices.iloc[-1] / prices.iloc[0] - 1
            if change > 0.05:
                api.order_target(asset, 100)
            elif change < -0.05:
                api.order_target(asset, -100)
            elif abs(change) < 0.01:
                api.order_target(asset, 0)
        api.record(value=context.portfolio.portfolio_value)

    return {"initialize": initialize, "handle_data": handle_data}


def z_score(api: Any, notes: list[Any], costs: str) -> Functions:
    """Every minute: against a move of two deviations over 20 bars."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(3)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            prices = data.history(asset, "price", 20, "1m")
            score = (prices.iloc[-1] - prices.mean()) / prices.std()
            if api.get_open_orders(asset):
                continue
            if score > 2.2:
                api.order_target(asset, -1500)
            elif score < -2.2:
                api.order_target(asset, 1500)
            elif abs(score) < 0.05:
                api.order_target(asset, 0)

    return {"initialize": initialize, "handle_data": handle_data}
