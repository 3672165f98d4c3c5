"""What a strategy did wrong, told by its own file, line, bar and asset."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

from holdfast.errors import HoldfastError, StrategyFailed

_OWN = Path(__file__).parents[1]
_INSTALLED = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))


def describe_failure(error: BaseException) -> StrategyFailed | None:
    """Return the error of a strategy in a few lines; None when the strategy has no part in it.

    Parameters
    ----------
    error
        What came out of loading or running a strategy.
    """
    frames = [
        (summary, frame)
        for summary, frame in _walk(error.__traceback__)
        if _is_strategy(Path(summary.filename))
    ]
    if not frames:
        return None
    (*callers, (last, frame)) = frames
    assets = _assets(frame)
    where = [*getattr(error, "__notes__", ())]
    if assets:
        where.append(f"with {', '.join(assets)}")
    text = str(error) if isinstance(error, HoldfastError) else _name(error)
    lines = [
        f"{_short(last.filename)}, line {last.lineno}, in {last.name}: {text}",
        *([f"    {last.line.strip()}"] if last.line else []),
        *(f"    called in {_short(f.filename)}, line {f.lineno}" for f, _ in reversed(callers)),
        *([f"    {', '.join(where)}"] if where else []),
        "    (--traceback shows Holdfast's own frames, too)",
    ]
    return StrategyFailed("\n".join(lines))


def _walk(trace: TracebackType | None) -> list[tuple[traceback.FrameSummary, TracebackType]]:
    found = []
    while trace is not None:
        found.append((traceback.extract_tb(trace, limit=1)[0], trace))
        trace = trace.tb_next
    return found


def _is_strategy(path: Path) -> bool:
    """Whether a file is the user's own: neither Holdfast's, nor Python's, nor installed."""
    if path.name.startswith("<"):
        return False  # frozen modules, such as runpy
    full = path if path.is_absolute() else Path.cwd() / path
    return not any(full.is_relative_to(folder) for folder in (_OWN, *_INSTALLED))


def _assets(trace: TracebackType) -> list[str]:
    """Return the assets that the strategy had at hand, by the names it gave them."""
    from holdfast.assets import Asset

    named = {k: v.symbol for k, v in trace.tb_frame.f_locals.items() if isinstance(v, Asset)}
    return [f"{name} = {symbol}" for name, symbol in list(named.items())[:3]]


def _name(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return str(path)
