"""``zipline.protocol`` as strategies import it: the types of what they are given."""

from __future__ import annotations

from holdfast.assets import Asset
from holdfast.data.bar_data import BarData
from holdfast.finance.ledger import Position, Positions
from holdfast.finance.orders import Order
from holdfast.finance.portfolio import Account, Portfolio

__all__ = ["Account", "Asset", "BarData", "Order", "Portfolio", "Position", "Positions"]
