"""Data that a pipeline computes from."""

from holdfast.pipeline.data.dataset import (
    BoundColumn,
    Column,
    DataSet,
    EquityPricing,
    USEquityPricing,
)

__all__ = ["BoundColumn", "Column", "DataSet", "EquityPricing", "USEquityPricing"]
