"""Domains, which Zipline needs to find a calendar; here the bundle has the sessions."""

from __future__ import annotations

from dataclasses import dataclass

_COUNTRIES = (
    "AR AT AU BE BR CA CH CL CN CO CZ DE DK ES FI FR GB GR HK HU ID IE IN IT JP KR MX MY NL NO NZ "
    "PE PH PK PL PT RU SE SG TH TR TW US ZA"
)


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a pipeline's assets are listed; accepted, and not asked for.

    Parameters
    ----------
    country_code
        Two letters, or None for any.
    """

    country_code: str | None


GENERIC = Domain(None)
BUILT_IN_DOMAINS = [Domain(code) for code in _COUNTRIES.split()]
_BY_NAME = {f"{one.country_code}_EQUITIES": one for one in BUILT_IN_DOMAINS}


def __getattr__(name: str) -> Domain:
    """Return ``US_EQUITIES`` and its like."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    raise AttributeError(f"module 'holdfast.pipeline.domain' has no attribute {name!r}")
