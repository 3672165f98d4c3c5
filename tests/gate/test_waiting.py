"""--wait: a check waits for a calm machine, and no longer than it was told."""

from itertools import chain, repeat

import psutil
import pytest

from holdfast.gate.asv.cpu_load import wait_for_calm


@pytest.fixture
def look(monkeypatch):
    """Let the machine be as busy as a test says, look by look; count the looks."""

    def busy(*shares, then):
        looks, given = [], chain(shares, repeat(then))
        monkeypatch.setattr(
            psutil, "cpu_percent", lambda interval: looks.append(interval) or next(given)
        )
        return looks

    return busy


def test_calm_is_several_calm_looks_in_a_row(look):
    looks, said = look(90.0, 5.0, 5.0, 60.0, then=5.0), []
    assert wait_for_calm(600.0, said.append)
    assert len(looks) == 9
    assert said == ["other programs take 90% of the machine; waiting up to 600 s"]


def test_a_calm_machine_is_not_waited_for_in_words(look):
    looks, said = look(then=5.0), []
    assert wait_for_calm(600.0, said.append)
    assert (len(looks), said) == (5, [])


def test_a_machine_that_stays_busy_is_measured_all_the_same(look):
    looks, said = look(then=90.0), []
    assert not wait_for_calm(0.02, said.append)
    assert said[-1] == "the machine did not become calm; measuring all the same"
    # No look is longer than what is left of the time.
    assert max(looks) <= 0.02
