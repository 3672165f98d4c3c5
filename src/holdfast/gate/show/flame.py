"""Draw two profiles as one differential flame graph: as wide as after, red where it grew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.gate.core.text import format_value
from holdfast.gate.show.page import to_html_text, to_page
from holdfast.gate.why.blame import Blame, explain_contradiction, headline
from holdfast.gate.why.profile import Cost, Profile

_WIDTH, _HEIGHT = 1000, 18
_NARROWEST, _LETTER = 0.5, 6.7
"""Pixels: what is narrower is left out, with all above it; what a letter of a name takes."""
_NOTEWORTHY = 0.005
"""What grew by a smaller part of the whole is drawn as unchanged."""
_LEGEND = """
<p>As wide as the time after, of which each has its per cent; red is a function whose own time grew,
blue one that shrank. Point at one for its numbers. A profile knows callers, not whole stacks: what
several call is divided among them by the time that each of them spent in it.</p>
"""


@dataclass(frozen=True, slots=True)
class Box:
    """One function below one chain of callers, and the seconds it took there."""

    name: str
    depth: int
    left: float
    before: Cost
    after: Cost

    @property
    def growth(self) -> float:
        """By how many seconds its own time grew here."""
        return self.after.own - self.before.own


def to_html(blame: Blame) -> str:
    """Return a page with the flame graph."""
    doubt = f"<p>{to_html_text(explain_contradiction(blame))}</p>" if blame.is_contradicted else ""
    return to_page(headline(blame), f"{doubt}{_LEGEND}{draw(blame)}")


def draw(blame: Blame) -> str:
    """Return the flame graph as SVG, the benchmark itself at its foot."""
    second = _WIDTH / (blame.after.seconds or 1.0)
    boxes = list(stack(blame))
    top = max((box.depth for box in boxes), default=0)
    strongest = max((abs(box.growth) for box in boxes), default=0.0)
    parts = []
    for box in boxes:
        x, width = box.left * second, box.after.whole * second
        y = (top - box.depth) * _HEIGHT
        name = to_html_text(_fitting(box.name, width, box.after.whole * second / _WIDTH))
        parts.append(
            f"<g><title>{to_html_text(_hint(box))}</title>"
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_HEIGHT}"'
            f"{_colour(box, blame.after.seconds, strongest)}/>"
            f'<text x="{x + 4:.1f}" y="{y + 13}">{name}</text></g>'
        )
    size = f"0 0 {_WIDTH} {(top + 1) * _HEIGHT}"
    drawing = f'<svg class="flame" viewBox="{size}" role="img">{"".join(parts)}</svg>'
    return f'{_draw_scale(strongest)}<div class="scroll">{drawing}</div>'


def _draw_scale(strongest: float) -> str:
    """Return what the colours mean: by how much a function's own time shrank or grew."""
    most = format_value(strongest, "seconds")
    return f'<p class="scale">own time −{most} <i></i> +{most}</p>'


def stack(blame: Blame) -> Iterator[Box]:
    """Yield each function once for each chain of callers in which it is wide enough to be seen."""
    roots = (Cost(0, 0.0, profile.seconds) for profile in (blame.before, blame.after))
    yield from _above(blame, ("",), 0.0, *roots)


def _above(
    blame: Blame, chain: tuple[str, ...], left: float, before: Cost, after: Cost
) -> Iterator[Box]:
    """Divide what the last function of a chain spent in others among those it called."""
    olds = _parts(blame.before, chain[-1], before)
    news = _parts(blame.after, chain[-1], after)
    for name, new in sorted(news.items()):
        # A function that calls itself is one box.
        if name not in chain and new.whole * _WIDTH >= blame.after.seconds * _NARROWEST > 0:
            box = Box(name, len(chain) - 1, left, olds.get(name, Cost()), new)
            yield box
            yield from _above(blame, (*chain, name), left, box.before, box.after)
        left += new.whole


def _parts(profile: Profile, caller: str, here: Cost) -> dict[str, Cost]:
    """Return what each callee took below one chain, where the caller itself took ``here``."""
    callees = profile.callees.get(caller, {})
    whole = profile.costs.get(caller, Cost()).whole if caller else profile.seconds
    share = here.whole / whole if whole else 0.0
    # Where functions call each other in a circle, their times add up to more than the whole.
    inner = share * sum(cost.whole for cost in callees.values())
    share *= min(1.0, (here.whole - here.own) / inner) if inner else 0.0
    return {
        name: Cost(cost.calls, cost.own * share, cost.whole * share)
        for name, cost in callees.items()
    }


def _colour(box: Box, whole: float, strongest: float) -> str:
    if abs(box.growth) <= _NOTEWORTHY * whole:
        return ""
    opacity = 0.1 + 0.8 * abs(box.growth) / strongest
    return f' class="{"grew" if box.growth > 0 else "shrank"}" fill-opacity="{opacity:.2f}"'


def _hint(box: Box) -> str:
    own, whole = (
        f"{format_value(before, 'seconds')} -> {format_value(after, 'seconds')}"
        for before, after in zip(box.before[1:], box.after[1:], strict=True)
    )
    return f"{box.name}: own time {own}, with callees {whole}"


def _fitting(name: str, width: float, part: float) -> str:
    """Return as much of a name as there is room for, and its per cent: a name's end says most."""
    room = int((width - 8) / _LETTER)
    share = f" {part:.0%}" if part >= 0.005 else ""
    if len(name) + len(share) <= room:
        return name + share
    if room >= len(share) + 8:
        return f"…{name[len(name) - (room - len(share) - 1) :]}{share}"
    return share.strip() if room >= len(share) else ""
