"""What is installed: a gate with three small dependencies, and extras that are named."""

import os
import pkgutil
import rlcompleter
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import holdfast
import holdfast.gate
import holdfast.sweep
from gate.test_piped import COMPARED
from gate.trees import Tree, row
from holdfast.extras import MODULES
from holdfast.gate.trust.laboratory import Repository
from needs import needs_engine

BASE = {"json5", "psutil", "tabulate"}
PUBLIC = ["HoldfastError", "Layers", "Limits", "__version__", "grid", "run_algorithm",
          "run_pipeline", "run_targets", "walk_forward", "write_bundle"]  # fmt: skip
IN_THE_BASE = ["HoldfastError", "Layers", "Limits", "__version__"]
GATE = [module.name for module in pkgutil.walk_packages(holdfast.gate.__path__, "holdfast.gate.")]
SPAN = ("--bundle", "b", "--start", "2024-01-02", "--end", "2024-01-31")
ENGINE_COMMANDS = {
    "ingest": ("ingest", "bars.csv", "--bundle", "b"),
    "synthesize": ("synthesize", *SPAN),
    "run": ("run", "strategy.py", *SPAN),
    "sweep": ("sweep", "strategy.py", *SPAN, "--grid", "fast=1:3"),
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Return a function that runs Python with Holdfast, what its base needs, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "holdfast").symlink_to(holdfast.__path__[0])
    for name in ("asv-holdfast", *BASE):
        distribution = metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "holdfast"}:
            (folder / top).symlink_to(Path(distribution.locate_file(top)))

    def run(*arguments, **options):
        # -S: the interpreter's own site-packages stay out.
        return subprocess.run(
            [sys.executable, "-S", *arguments], env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True, text=True, check=False, **options,
        )  # fmt: skip

    return run


def needed(extra):
    """Return what a distribution's metadata asks for, of an extra or ("") of the base."""
    found = map(Requirement, metadata.requires("asv-holdfast"))
    return {each.name for each in found if (each.marker is None) == (not extra)
            and (not extra or each.marker.evaluate({"extra": extra}))}  # fmt: skip


def test_the_base_is_the_gate_and_an_extra_is_what_its_error_says():
    assert needed("") == BASE
    assert needed("backtest") == {*MODULES["backtest"]}
    assert needed("asv") == {*MODULES["asv"], "asv_runner"}
    assert needed("plots") == {*MODULES["plots"]}
    assert needed("completion") == {*MODULES["completion"]}


def test_the_gate_needs_the_base_alone(bare):
    ran = bare("-c", f"import holdfast, holdfast.cli, {', '.join(GATE)}")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_gate_loads_nothing_of_the_engine_where_it_is_installed():
    code = f"import sys, holdfast, holdfast.cli, {', '.join(GATE)}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert loaded >= {"holdfast", "holdfast.cli", *GATE}
    assert not loaded & {*MODULES["backtest"], *MODULES["plots"], *MODULES["asv"]}


@pytest.mark.parametrize("command", ENGINE_COMMANDS)
def test_a_command_names_the_extra_it_needs(bare, tmp_path, command):
    ran = bare("-m", "holdfast", *ENGINE_COMMANDS[command], cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"holdfast: {command} needs the backtest extra: pip install 'asv-holdfast[backtest]'\n"
    )


def test_measuring_names_the_extra_it_needs(bare, tmp_path):
    repository = Repository(tmp_path)
    repository.write(**{"asv.conf.json": '{"version": 1, "project": "p", "repo": "."}'})
    repository.commit()
    repository.commit()
    ran = bare("-m", "holdfast", "check", "HEAD~1", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "holdfast: measuring needs the asv extra: pip install 'asv-holdfast[asv]'\n"
    )


def test_steps_name_the_extra_they_need(bare, tmp_path):
    tree = Tree(tmp_path / "results")
    tree.suite(**{"b.time_x": "seconds"})
    tree.pair({"b.time_x": row(1.0)}, {"b.time_x": row(2.0)})
    ran = bare("-m", "holdfast", "history", "b.time_x", "--results", "results", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "holdfast: history needs the asv extra: pip install 'asv-holdfast[asv]'\n"
    )


def test_the_gate_judges_with_the_base_alone(bare, tmp_path):
    ran = bare("-m", "holdfast", "gate", "-", cwd=tmp_path, input=COMPARED)
    assert ran.returncode == 1, ran.stderr
    assert "FAIL" in ran.stdout


def test_help_lists_every_command_whatever_is_installed(bare):
    ran = bare("-m", "holdfast", "--help")
    assert ran.returncode == 0, ran.stderr
    assert {*ENGINE_COMMANDS, "check", "gate", "blame", "bisect"} <= set(ran.stdout.split())


@pytest.mark.parametrize("name", [f"holdfast.{name}" for name in PUBLIC] + ["holdfast.sweep.grid"])
def test_a_public_name_names_the_extra_it_needs(bare, name):
    package, _, attribute = name.rpartition(".")
    ran = bare("-c", f"from {package} import {attribute}")
    if attribute in IN_THE_BASE:
        assert (ran.returncode, ran.stderr) == (0, "")
        return
    assert ran.stderr.splitlines()[-1] == (
        f"holdfast.errors.MissingExtra: {name} needs the backtest extra: "
        "pip install 'asv-holdfast[backtest]'"
    )


def test_whoever_can_do_without_the_engine_catches_an_import_error(bare):
    ran = bare("-c", "try: from holdfast import grid\nexcept ImportError: print('without')")
    assert (ran.stdout, ran.stderr) == ("without\n", "")


def test_the_public_names_are_listed_before_they_are_used():
    assert dir(holdfast) == PUBLIC == sorted(holdfast.__all__)
    assert dir(holdfast.sweep) == ["grid", "walk_forward"]
    with pytest.raises(AttributeError, match="has no attribute 'run_algoritm'"):
        _ = holdfast.run_algoritm


@needs_engine
def test_every_public_name_is_there():
    public = {}
    exec("from holdfast import *", public)
    assert {*PUBLIC} <= {*public}
    assert public["run_algorithm"].__module__ == "holdfast.run"
    completions = rlcompleter.Completer({"holdfast": holdfast}).attr_matches("holdfast.run_a")
    assert completions == ["holdfast.run_algorithm("]


def test_the_version_is_written_in_one_place(bare):
    stated = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    version = stated["project"]["version"]
    assert holdfast.__version__ == version
    ran = bare("-m", "holdfast", "--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"holdfast {version}\n", "")


def test_type_checkers_are_told_that_there_are_types():
    assert resources.files("holdfast").joinpath("py.typed").is_file()
