"""Money is conserved, and both ledgers agree."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.finance.cash import DecimalCash, FloatCash, make_cash
from holdfast.finance.ledger import Ledger
from holdfast.finance.orders import Transaction

DAY = datetime(2024, 1, 2)
ASSETS = [Asset(sid, f"A{sid}", "", "", DAY, DAY, DAY) for sid in range(3)]

prices = st.one_of(
    st.floats(1e-4, 1e6),
    st.integers(1, 10**7).map(lambda cents: cents / 100),
)
shares = st.integers(-(10**7), 10**7).filter(bool)
events = st.one_of(
    st.tuples(st.just("trade"), st.integers(0, 2), shares, prices, st.floats(0, 1e4)),
    st.tuples(st.just("dividend"), st.integers(0, 2), st.floats(0.001, 100)),
)


def rational(number):
    """The number that a float prints as, with no rounding anywhere."""
    return Fraction(repr(float(number)))


def play(ledger, stream):
    """Book a stream of events; return what cash must have become, exactly."""
    expected = rational(1e6)
    held = dict.fromkeys(ASSETS, 0)
    for step, (kind, number, *rest) in enumerate(stream):
        asset = ASSETS[number]
        if kind == "trade":
            amount, price, commission = rest
            ledger.apply(Transaction(asset, amount, DAY, price, None))
            ledger.charge(asset, commission)
            held[asset] += amount
            expected -= amount * rational(price) + rational(commission)
        else:
            ledger.earn_dividend(asset, rest[0], step)
            ledger.pay_dividends(step)
            expected += rational(held[asset] * rest[0])
    return expected, held


@given(st.lists(events, max_size=60))
def test_money_is_conserved_exactly(stream):
    cash = DecimalCash(1e6)
    ledger = Ledger(cash, lambda asset: 1.0)
    expected, held = play(ledger, stream)
    assert cash.balance == expected
    assert cash.amount == float(expected)
    assert {a: p.amount for a, p in ledger.positions.items()} == {
        a: n for a, n in held.items() if n
    }


@given(st.lists(events, max_size=60))
def test_the_float_ledger_agrees_to_the_cent_on_sums_of_sane_size(stream):
    small = [
        e if e[0] != "trade" else (*e[:2], e[2] % 1000 + 1, e[3] % 1e3 + 1, e[4]) for e in stream
    ]
    decimal, float_ = DecimalCash(1e6), FloatCash(1e6)
    for cash in (decimal, float_):
        play(Ledger(cash, lambda asset: 1.0), small)
    assert float_.amount == pytest.approx(decimal.amount, abs=0.005)


def test_a_float_balance_drifts_where_the_decimal_one_does_not():
    decimal, float_ = DecimalCash(0.3), FloatCash(0.3)
    for cash in (decimal, float_):
        for _ in range(3):
            cash.receive(-0.1)
    assert decimal.balance == Decimal("0.0")
    assert float_.amount != 0.0


def ledger_of(price=10.0):
    return Ledger(FloatCash(1000.0), lambda asset: price)


def traded(ledger, *fills):
    for amount, price in fills:
        ledger.apply(Transaction(ASSETS[0], amount, DAY, price, None))
    return ledger.positions[ASSETS[0]]


@pytest.mark.parametrize(
    ("fills", "amount", "cost_basis"),
    [
        ([(10, 5.0)], 10, 5.0),
        ([(10, 5.0), (30, 9.0)], 40, 8.0),
        ([(10, 5.0), (-4, 9.0)], 6, 5.0),
        ([(10, 5.0), (-25, 9.0)], -15, 9.0),
        ([(-10, 5.0), (-10, 7.0)], -20, 6.0),
        ([(-10, 5.0), (10, 7.0)], 0, 0.0),
    ],
    ids=["bought", "added", "reduced", "flipped", "short", "closed"],
)
def test_cost_basis(fills, amount, cost_basis):
    position = traded(ledger_of(), *fills)
    assert (position.amount, position.cost_basis) == (amount, cost_basis)


def test_a_commission_raises_the_cost_of_a_long_and_lowers_that_of_a_short():
    for amount, cost_basis in ((10, 5.2), (-10, 4.8)):
        ledger = ledger_of()
        traded(ledger, (amount, 5.0))
        ledger.charge(ASSETS[0], 2.0)
        assert ledger.positions[ASSETS[0]].cost_basis == pytest.approx(cost_basis)


@pytest.mark.parametrize(
    ("held", "ratio", "left", "paid"),
    [(100, 0.5, 200, 0.0), (100, 3.0, 33, 5.0), (-100, 3.0, -33, -5.0), (2, 3.0, 0, 10.0)],
    ids=["2 for 1", "1 for 3", "short", "nothing left"],
)
def test_a_split_keeps_whole_shares_and_pays_the_fraction(held, ratio, left, paid):
    ledger = ledger_of()
    traded(ledger, (held, 5.0))
    before = ledger.cash.amount
    ledger.apply_split(ASSETS[0], ratio)
    assert ledger.positions[ASSETS[0]].amount == left
    assert ledger.cash.amount - before == pytest.approx(paid)
    assert (ASSETS[0] in ledger.positions) == bool(left)


def test_a_dividend_is_paid_on_its_pay_session_even_when_the_shares_are_gone():
    ledger = ledger_of()
    traded(ledger, (100, 5.0))
    ledger.earn_dividend(ASSETS[0], 0.25, pay_session=7)
    traded(ledger, (-100, 5.0))
    ledger.pay_dividends(6)
    assert ledger.cash.amount == 1000.0
    ledger.pay_dividends(7)
    assert ledger.cash.amount == 1025.0


def test_worth_counts_shorts_below_zero():
    ledger = ledger_of(price=10.0)
    traded(ledger, (10, 5.0))
    ledger.apply(Transaction(ASSETS[1], -4, DAY, 5.0, None))
    worth = ledger.exposure()
    assert (worth.net, worth.gross) == (60.0, 140.0)
    assert ledger.portfolio_value == 1000 - 50 + 20 + 60


def test_an_unknown_ledger_is_named():
    with pytest.raises(UsageError, match="'gold'; choose 'decimal' or 'float'"):
        make_cash("gold", 1.0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("bar"), st.lists(prices, min_size=3, max_size=3)),
        st.tuples(st.just("trade"), st.integers(0, 2), shares),
        st.tuples(st.just("split"), st.integers(0, 2), st.sampled_from([0.5, 2.0, 3.0])),
    ),
    max_size=40,
)


@given(steps)
def test_exposure_is_that_of_a_ledger_which_sums_its_positions_each_time(stream):
    bar, price = [0], dict.fromkeys(ASSETS, 10.0)
    once = Ledger(FloatCash(1e6), price.get, moment=lambda: bar[0])
    anew = Ledger(FloatCash(1e6), price.get)
    for kind, *rest in stream:
        if kind == "bar":
            bar[0] += 1
            price.update(zip(ASSETS, rest[0], strict=True))
        for ledger in (once, anew):
            if kind == "trade":
                ledger.apply(Transaction(ASSETS[rest[0]], rest[1], DAY, 10.0, None))
            elif kind == "split":
                ledger.apply_split(ASSETS[rest[0]], rest[1])
        assert once.exposure() == anew.exposure()
        assert once.portfolio_value == anew.portfolio_value
