"""What would stop asv after minutes is said in a line, before anything is built."""

import json
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from holdfast.cli import main
from holdfast.gate.asv.environments import list_environments
from holdfast.gate.asv.project import find_project
from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv
from support.command_line import unwrap

from .tiny import BUILD, CONFIG, FILES

pytestmark = needs_asv

DEPENDS = BUILD.replace('version = "0.1"', 'version = "0.1"\ndependencies = ["numpy"]')


@pytest.fixture
def repository(tmp_path, monkeypatch):
    repository = Repository(tmp_path / "repo")
    repository.write(**FILES)
    repository.commit("a package")
    monkeypatch.chdir(repository.folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return repository


def configure(repository, text="", **changes):
    """Commit a configuration; None takes a key out of it."""
    config = {key: value for key, value in (CONFIG | changes).items() if value is not None}
    repository.write(**{"asv.conf.json": json.dumps(config), "README": text})
    return repository.commit()


def refused(repository, capsys, *arguments, code=2):
    """Run a command that must stop before it builds; return what it says."""
    assert main(list(arguments)) == code
    out, err = capsys.readouterr()
    err = unwrap(err)
    assert out == ""
    built = {".asv", "results", "env"} & {path.name for path in repository.folder.iterdir()}
    assert not built
    return err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"environment_type": "conda"}, "'conda' needs conda, which is not on PATH"),
        ({"environment_type": "rattler"}, "'rattler' needs py-rattler"),
        ({"environment_type": "uv"}, "'uv' needs uv, which is not on PATH"),
        ({"environment_type": "mamba"}, "'mamba' is not one that asv or its plugins know"),
        ({"environment_type": "delegated"}, "'delegated' is not one that asv or its plugins"),
        ({"environment_type": "existing"}, "measures what is installed already"),
        ({"environment_type": None}, "names no environment_type"),
        ({"pythons": ["3.99"]}, "No executable found for python 3.99"),
        ({"pythons": ["same"]}, "no environment can be made here"),
        ({"plugins": [".not_there"]}, "plugin '.not_there' cannot be imported"),
        ({"benchmark_dir": "nowhere"}, "must name the folder of the benchmarks, a package with an"),
        ({"matrix": {"requ": {}, "env": {}}}, "asv cannot list the environments: Unknown keys"),
    ],
)
def test_environments_that_cannot_be_made(repository, capsys, monkeypatch, changes, said):
    monkeypatch.setenv("PATH", str(Path(shutil.which("git")).parent))
    monkeypatch.delenv("CONDA_EXE", raising=False)
    configure(repository, **changes)
    err = refused(repository, capsys, "check")
    assert said in err.splitlines()[-1]
    ways = {"environment_type": "--set environment_type=virtualenv", "pythons": "--python X.Y"}
    for key in changes.keys() & ways.keys():
        assert ways[key] in err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for an interpreter")
def test_a_python_that_does_not_start_is_none(repository, capsys, monkeypatch, tmp_path):
    """As pyenv's shims are, of versions that are not chosen."""
    shim = tmp_path / "bin" / "python3.98"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.98: command not found' >&2\nexit 127\n")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    configure(repository, pythons=["3.98"])
    assert f"python3.98 ({shim}) does not start" in refused(repository, capsys, "check")


def test_what_the_suite_asks_for_can_be_replaced(repository):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    configure(repository, environment_type="conda", pythons=["3.99"])
    overrides = {"environment_type": "virtualenv", "pythons": [here]}
    project = find_project(None, overrides=overrides)
    (found,) = list_environments(project)
    assert (found.type, found.python) == ("virtualenv", here)
    assert found.requirements == {
        "setuptools": "82.0.1", "wheel": "0.47.0", "asv_runner": "0.3.2"
    }  # fmt: skip


def test_every_environment_is_listed_and_some_can_be_chosen(repository, capsys):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    matrix = {"req": {"six": ["1.16", "1.17"]}, "env_nobuild": {"MODE": ["a", "b"]}}
    configure(repository, matrix=matrix, pythons=["3.99", here])
    project = find_project(None)
    names = [one.name for one in list_environments(project)]
    assert names == [
        f"virtualenv-py{here}-six{version}-MODE{mode}"
        for version in ("1.16", "1.17")
        for mode in "ab"
    ]
    assert [one.name for one in list_environments(project, ["*six1.17*", names[0]])] == [
        names[0], names[2], names[3],
    ]  # fmt: skip
    assert list_environments(project)[1].variables == {"MODE": "b"}
    err = refused(repository, capsys, "check", "--env", "*numpy*")
    assert f"--env *numpy*: there is no such environment; there are: {names[0]}," in err
    err = refused(repository, capsys, "bisect", "HEAD~1", "HEAD", "b.time_add")
    assert "has 4 environments; choose one with --env: " in err


def test_packages_that_only_conda_reads_are_to_be_named(repository, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(shutil.which("git")).parent))
    monkeypatch.delenv("CONDA_EXE", raising=False)
    configure(repository, environment_type="conda", conda_environment_file="bench.yml")
    said = " ".join(refused(repository, capsys, "check").split())
    assert "does not read bench.yml" in said
    assert """--set 'matrix={"req": {"NAME": [""]}}'""" in said


WHEELS = ["python -m pip wheel -w {build_cache_dir} {build_dir}"]


@pytest.mark.parametrize(
    ("files", "commands", "whose"),
    [
        ({"pyproject.toml": DEPENDS}, None, "asv's default build_command"),
        ({"pyproject.toml": DEPENDS}, WHEELS, "build_command"),
        ({"pyproject.toml": DEPENDS.replace('encies = ["numpy"]', "").replace(
            "depend", 'dynamic = ["dependencies"]')}, None, "(dynamic dependencies)"),
        ({"pyproject.toml": "", "setup.py": "setup(install_requires=['numpy'])"}, None, "setup.py"),
        ({"pyproject.toml": "", "setup.cfg": "[options]\ninstall_requires =\n    numpy\n"}, None,
         "setup.cfg"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "3"\nnumpy = "2"'}, None,
         "(numpy)"),
    ],
)  # fmt: skip
def test_a_build_that_makes_several_wheels(repository, capsys, files, commands, whose):
    repository.write(**files)
    configure(repository, build_command=commands, install_command=None)
    err = refused(repository, capsys, "check")
    assert whose in err
    lines = err.splitlines()
    added = dict(
        json.loads("{" + line.strip().rstrip(",") + "}").popitem()
        for line in lines
        if line.startswith('    "')
    )
    assert set(added) == {"build_command", "install_command"}
    # The advice is one that the next call takes.
    setting = lines[-1].partition("--set ")[2].strip("'")
    assert main(["check", "--set", setting, "--env", "nothing"]) == 2
    assert "there is no such environment" in unwrap(capsys.readouterr().err)
    configure(repository, **added)
    assert main(["check", "--env", "nothing"]) == 2
    assert "there is no such environment" in unwrap(capsys.readouterr().err)


@pytest.mark.parametrize("listed", ["[]", "['colorama; platform_system == \"Solaris\"']"])
def test_a_project_without_dependencies_is_built_as_asv_does(repository, capsys, listed):
    repository.write(**{"pyproject.toml": DEPENDS.replace('["numpy"]', listed)})
    configure(repository, build_command=None)
    assert "no such environment" in refused(repository, capsys, "check", "--env", "nothing")


def test_the_policy_replaces_keys_and_the_command_line_has_the_last_word(repository, capsys):
    policy = '[measure]\nset = { environment_type = "conda", pythons = ["3.99"] }\n'
    repository.write(**{"benchmarks/policy.toml": policy})
    configure(repository)
    assert "'conda'" in refused(repository, capsys, "check")
    err = refused(repository, capsys, "check", "--set", "environment_type=virtualenv")
    assert "python 3.99" in err
    assert "no such environment" in refused(
        repository, capsys, "check", "--set=environment_type=virtualenv",
        f"--python={sys.version_info.major}.{sys.version_info.minor}", "--env=nothing",
    )  # fmt: skip
    repository.write(**{"benchmarks/policy.toml": "[measure]\nset = { pythns = [] }\n"})
    assert "did you mean pythons?" in refused(repository, capsys, "check")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--bench", "nosuchbench"], "matches no benchmark; the suite has 3: b.time_add"),
        (["check", "--bench", "time_mull"], "did you mean b.time_mul"),
        (["check", "--bench", "time_add", "--bench", "Size.track"], "did you mean b.Sizes.track"),
        (["blame", "HEAD~1", "HEAD", "nosuch"], "'nosuch' is not a benchmark; the suite has 3"),
        (["blame", "HEAD~1", "HEAD", "b.time_ad"], "did you mean b.time_add"),
        (["bisect", "HEAD~1", "HEAD", "time_add"], "did you mean b.time_add"),
        (["bisect", "HEAD", "HEAD~1", "b.time_add"], "; name the earlier one first: "),
        (["check", "--config", "none.json"], "there is no file none.json; --config names an asv"),
        (["check", "--set", "repo=file:///nowhere/x.git"], "--set repo=FOLDER"),
    ],
)
def test_a_benchmark_that_does_not_exist(repository, capsys, arguments, said):
    configure(repository)
    assert said in refused(repository, capsys, *arguments)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--cpu-affinity 999", "CPU 999 not in range"),
        ("--quick", "--quick cannot be passed on; known: --attribute, --cpu-affinity"),
        ("--launch-method never", "never"),
    ],
)
def test_options_for_asv_are_checked(repository, capsys, option, said):
    configure(repository)
    assert said in refused(repository, capsys, "check", f"--asv={option}")
