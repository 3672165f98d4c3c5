"""Add what was measured to asv's own results, as 'asv run --append-samples' would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.slots import Installed


def add_to_results(
    plan: Plan,
    config: Any,
    installed: Installed,
    entries: Mapping[str, dict[str, Any]],
    outcomes: Sequence[tuple[str, int, Any]],
) -> None:
    """Add one commit's results, and the list of the benchmarks, to asv's results folder.

    Parameters
    ----------
    entries
        asv's list of the benchmarks.
    outcomes
        Name, index of the parameter set, and asv's result of each process, in order.
    """
    from asv.benchmarks import Benchmarks
    from asv.machine import Machine
    from asv.results import Results

    machine, environment = Machine.load(machine_name=plan.machine), installed.environment
    machine.save(config.results_dir)
    Benchmarks(config, list(entries.values())).save()
    results = Results(
        {**machine.__dict__, "python": environment.python, **environment.requirements},
        environment.requirements,
        installed.commit,
        installed.date,
        environment.python,
        environment.name,
        environment.env_vars,
    )
    results.load_data(config.results_dir)
    worked = {(name, index) for name, index, outcome in outcomes if not _failed(outcome, index)}
    for name, index, outcome in outcomes:
        if _failed(outcome, index) and (name, index) in worked:
            continue  # an accident, of which there are other processes
        chosen = {index} if entries[name]["params"] else None
        options = {"record_samples": True, "append_samples": True, "selected_idx": chosen}
        results.add_result(entries[name], outcome, **options)
    results.save(config.results_dir)


def _failed(outcome: Any, index: int) -> bool:
    return outcome.result[index] is None
