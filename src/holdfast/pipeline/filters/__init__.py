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
    AtLeastN,
)
from holdfast.pipeline.filters.predicates import (
    Any_ as Any,
)
from holdfast.pipeline.filters.predicates import (
    IsNull as NullFilter,
)
from holdfast.pipeline.filters.predicates import (
    Maximum as MaximumFilter,
)
from holdfast.pipeline.filters.predicates import (
    NotNull as NotNullFilter,
)
from holdfast.pipeline.filters.predicates import (
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
