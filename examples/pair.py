"""Bet that two stocks which drifted apart come back together: one long, one short."""

import numpy as np

from holdfast.api import order_target_percent, record, symbols

DAYS, OPEN, CLOSE = 60, 2.0, 0.5


def initialize(context):
    context.one, context.other = symbols("A000", "A001")


def handle_data(context, data):
    window = data.history([context.one, context.other], "price", DAYS, "1d", return_type="array")
    spread = np.log(window[:, 0] / window[:, 1])
    score = (spread[-1] - spread.mean()) / spread.std()
    if abs(score) > OPEN:
        order_target_percent(context.one, -0.4 * np.sign(score))
        order_target_percent(context.other, 0.4 * np.sign(score))
    elif abs(score) < CLOSE:
        order_target_percent(context.one, 0.0)
        order_target_percent(context.other, 0.0)
    record(score=score)
