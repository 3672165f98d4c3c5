import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import OrderError
from holdfast.finance.execution import LimitOrder, MarketOrder, StopLimitOrder, StopOrder


@pytest.mark.parametrize(
    ("price", "to_buy", "to_sell"),
    [(10.0, 10.0, 10.0), (10.0049, 10.0, 10.01), (10.0096, 10.01, 10.01), (10.0004, 10.0, 10.0)],
)
def test_a_limit_is_rounded_in_the_customer_s_favour(price, to_buy, to_sell):
    assert LimitOrder(price).get_limit_price(is_buy=True) == pytest.approx(to_buy)
    assert LimitOrder(price).get_limit_price(is_buy=False) == pytest.approx(to_sell)
    assert StopOrder(price).get_stop_price(is_buy=False) == pytest.approx(to_buy)
    assert StopOrder(price).get_stop_price(is_buy=True) == pytest.approx(to_sell)


@given(st.integers(0, 10**7))
def test_whole_cents_stay_as_they_are(cents):
    style = StopLimitOrder(cents / 100, cents / 100)
    for is_buy in (True, False):
        assert style.get_limit_price(is_buy) == pytest.approx(cents / 100, abs=1e-9)
        assert style.get_stop_price(is_buy) == pytest.approx(cents / 100, abs=1e-9)


def test_a_market_order_has_no_prices():
    assert MarketOrder().get_limit_price(True) is MarketOrder().get_stop_price(True) is None


@pytest.mark.parametrize("price", [-0.01, math.nan, math.inf, "10"])
def test_an_impossible_price_is_named(price):
    with pytest.raises(OrderError, match="limit price"):
        LimitOrder(price)
