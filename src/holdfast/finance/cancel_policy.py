"""Cancel policies: which open orders are cancelled as a session ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class CancelPolicy(Protocol):
    """The interface of a policy, which is asked at each session's end."""

    @property
    def warn_on_cancel(self) -> bool:
        """Whether each cancelled order is logged as a warning."""
        ...

    def cancels_at_close(self, minute_mode: bool) -> bool:
        """Return whether all open orders are cancelled now."""
        ...


@dataclass(frozen=True, slots=True)
class NeverCancel:
    """Orders stay open until they fill or are cancelled: the default."""

    warn_on_cancel: bool = False

    def cancels_at_close(self, minute_mode: bool) -> bool:
        """Return False."""
        return False


@dataclass(frozen=True, slots=True)
class EODCancel:
    """Orders are cancelled at the end of the day, in minute mode.

    Parameters
    ----------
    warn_on_cancel
        Whether each cancelled order is logged as a warning.
    """

    warn_on_cancel: bool = True

    def cancels_at_close(self, minute_mode: bool) -> bool:
        """Return True in minute mode: a daily order has no earlier bar to fill in."""
        return minute_mode
