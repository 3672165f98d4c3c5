"""Cancel policies: which open orders are cancelled as a session ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

#: Zipline's number for the event at which a policy is asked.
SESSION_END = 2


class CancelPolicy(ABC):
    """Base of the policies; a policy of your own overrides `should_cancel`."""

    warn_on_cancel: bool = False

    @abstractmethod
    def should_cancel(self, event: int) -> bool:
        """Return whether open orders are cancelled now.

        Parameters
        ----------
        event
            `SESSION_END`. In daily mode only the first of several open orders of an asset is
            cancelled then, as in Zipline.
        """


@dataclass(frozen=True)
class NeverCancel(CancelPolicy):
    """Orders stay open until they fill or are cancelled: the default."""

    warn_on_cancel: bool = False

    def should_cancel(self, event: int) -> bool:
        """Return False."""
        return False


@dataclass(frozen=True)
class EODCancel(CancelPolicy):
    """Orders are cancelled at the end of the day.

    Parameters
    ----------
    warn_on_cancel
        Whether each cancelled order is logged as a warning.
    """

    warn_on_cancel: bool = True

    def should_cancel(self, event: int) -> bool:
        """Return True at the end of a session."""
        return event == SESSION_END
