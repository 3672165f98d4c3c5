"""What the steps of one ingest share: room on disk, the faults found, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.data.ingest.faults import Faults
from holdfast.data.ingest.spool import Spool

Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Workspace:
    """The steps' common ground.

    Parameters
    ----------
    faults
        Takes what is wrong with the bars.
    progress
        Called with what is being done.
    """

    faults: Faults
    progress: Progress
    _folder: Path
    _stack: ExitStack

    def open_spool(self, types: Mapping[str, Any]) -> Spool:
        """Return an empty table on disk, which is closed with the workspace."""
        return self._stack.enter_context(Spool(self._folder, types))


@contextmanager
def open_workspace(bundle: Path, faults: Faults, progress: Progress) -> Iterator[Workspace]:
    """Give a workspace on the disk of a bundle, of which nothing is left afterwards."""
    folder = bundle.absolute()
    while not folder.is_dir():
        folder = folder.parent
    with ExitStack() as stack:
        yield Workspace(faults, progress, folder, stack)
