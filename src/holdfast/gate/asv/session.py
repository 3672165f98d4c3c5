"""One measurement on its way: which pairs it takes, and what of them is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from holdfast.gate.asv.discovery import removed_keys
from holdfast.gate.asv.effort import ENOUGH, MOST, Answer, Assessment, assess
from holdfast.gate.asv.plan import Bench, Plan
from holdfast.gate.asv.rounds import Rounds, join
from holdfast.gate.core.policy import Rule
from holdfast.gate.core.readings import Key, Reading, Side, State, Suite, label

_BUSY = 0.5
"""Part of the machine: when others take more, that is why a row stayed unclear."""
_UNSETTLED = {Answer.OPEN, Answer.SPENT}
_BLUR = 0.02
"""Peak memory of equal code repeats to about this much of the whole, imports included."""
_NO_TIME = "no time was left to settle it"
_UNCLEAR = f"{MOST} fresh pairs do not settle it"
_TOO_BUSY = "too much other work on the machine to tell"
_REMOVED = "the later commit's suite does not have it"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of two commits: a tuple of samples per process, in the order of pairs."""

    base: Side
    head: Side
    suite: Suite
    remarks: tuple[str, ...] = ()
    unsettled: frozenset[Key] = frozenset()
    """What the budget left open, or the machine's other work."""
    busy: float = 0.0
    """Which part of the machine other programs took meanwhile."""
    seconds: float = 0.0
    """What measuring took, environments aside."""

    def with_profiles(self, base: Side, head: Side) -> Measurement:
        """Return this with the profiles of two other sides of the same commits."""
        return replace(
            self,
            base=replace(self.base, profiles=base.profiles),
            head=replace(self.head, profiles=head.profiles),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """One measurement of two commits on its way."""

    plan: Plan
    bench: Bench
    rounds: Rounds
    keys: Sequence[Key]
    first: int

    def run(self) -> None:
        """Take rounds of what is in doubt, until nothing is or the budget ends."""
        while wanted := self._open_keys():
            if not self.rounds.take(wanted):
                return

    def result(self) -> Measurement:
        """Return what was measured, judged pairs alone."""
        found = {key: self._assess(key) for key in self.keys}
        unsettled = {key for key, one in found.items() if one.answer in _UNSETTLED}
        readings: list[dict[Key, Reading]] = [{}, {}]
        for key, one in found.items():
            for place, reading in enumerate(self._join(key, one)):
                readings[place][key] = self._mark(reading, one)
        self._drop_new(readings[0])
        readings[0] |= self._removed()
        base, head = self.bench.sides
        base, head = replace(base, readings=readings[0]), replace(head, readings=readings[1])
        meter = self.rounds.meter
        left = [key for key, one in found.items() if one.answer is Answer.OPEN]
        spare = f"no time was left to settle {len(left)} of {len(self.keys)} benchmarks"
        remarks = (*([spare] if left else []), *meter.remarks, *self.bench.remarks)
        known = frozenset(unsettled)
        return Measurement(
            base, head, self.bench.suite, remarks, known, meter.share, round(meter.elapsed, 1)
        )

    def _open_keys(self) -> list[Key]:
        found = {key: self._assess(key) for key in self.keys}
        still = [key for key in self.keys if found[key].answer is Answer.OPEN]
        return sorted(still, key=lambda key: -found[key].urgency)

    def _assess(self, key: Key) -> Assessment:
        rule, less = self._rule(key)
        unit, pairs = self.bench.suite.unit(key[0]), self.rounds.taken.get(key, ())
        exact, steady = unit == "fingerprint", unit != "seconds" and not rule.history
        return assess(pairs, rule, first=self.first, exact=exact, steady=steady, less=less)

    def _mark(self, reading: Reading, one: Assessment) -> Reading:
        """Mark what must not be called clear, whatever its samples look like."""
        if reading.state is not State.MEASURED:
            return reading
        if one.answer not in _UNSETTLED:
            return reading
        if one.answer is Answer.SPENT:
            why = _TOO_BUSY if self.rounds.meter.share > _BUSY else _UNCLEAR
            return replace(reading, single_sample=True, error=why)
        return replace(reading, single_sample=True, error=_NO_TIME) if one.may_fail else reading

    def _join(self, key: Key, one: Assessment) -> list[Reading]:
        pairs = self.rounds.taken.get(key, [])
        if not pairs:
            return [Reading(float("nan"), error=_NO_TIME)] * 2
        fresh = pairs[self.first :]
        if one.fresh and len(fresh) >= ENOUGH:
            return join(fresh)
        if one.answer is Answer.CLEAR and len(pairs) == 1:  # of a size or a count that is enough
            return [replace(reading, single_sample=False) for reading in pairs[0]]
        # Of an open doubt so few pairs are shown that the judge takes it for no more than that.
        return join(pairs[: ENOUGH - 1] if one.answer is Answer.OPEN else pairs)

    def _rule(self, key: Key) -> tuple[Rule, Sequence[float]]:
        """Return a benchmark's rule, and the memory of the imports that is taken off first."""
        rule, baseline = self.plan.policy.rule(label(key)), (self.plan.policy.memory_baseline, ())
        whole, sizes = self.rounds.values(key), self.rounds.values(baseline)
        is_peak = key != baseline and key[0].rpartition(".")[2].lower().startswith("peakmem")
        if not (is_peak and whole):
            return rule, (0.0, 0.0)
        return replace(rule, floor=max(rule.floor, _BLUR * max(whole))), sizes or (0.0, 0.0)

    def _drop_new(self, base: dict[Key, Reading]) -> None:
        """Forget failures of what the base's own suite does not have: there it is new."""
        known = self.bench.base_suite
        if known is not None:
            for key in [key for key in base if key[0] not in known]:
                if base[key].state is State.FAILED:
                    del base[key]

    def _removed(self) -> Mapping[Key, Reading]:
        known = self.bench.base_suite
        if known is None:
            return {}
        gone = removed_keys(known, self.bench.suite, self.plan.bench)
        return dict.fromkeys(gone, Reading(None, error=_REMOVED))
