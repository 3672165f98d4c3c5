"""Filters: screens and masks."""

from holdfast.pipeline.filters.filter import (
    CustomFilter,
    Filter,
    Latest,
    SingleAsset,
    StaticAssets,
    StaticSids,
)
from holdfast.pipeline.filters.predicates import (
    All,
    AllPresent,
    Any_ as Any,
    AtLeastN,
    IsNull as NullFilter,
    Maximum as MaximumFilter,
    NotNull as NotNullFilter,
    Percentiles as PercentileFilter,
)

__all__ = [
    "All",
    "AllPresent",
    "Any",
    "AtLeastN",
    "CustomFilter",
    "Filter",
    "Latest",
    "MaximumFilter",
    "NotNullFilter",
    "NullFilter",
    "PercentileFilter",
    "SingleAsset",
    "StaticAssets",
    "StaticSids",
]
