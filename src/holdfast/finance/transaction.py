"""``zipline.finance.transaction`` as strategies import it."""

from __future__ import annotations

from holdfast.finance.orders import Transaction

__all__ = ["Transaction"]
