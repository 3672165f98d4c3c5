"""What holds a check up: edits of what is measured, and nothing else that lies about."""

import pytest

from holdfast.errors import UsageError
from holdfast.gate.asv.edits import refuse_uncommitted
from holdfast.gate.asv.project import find_project
from holdfast.gate.trust.laboratory import Repository

CONFIG = '{"repo": "..", "env_dir": ".asv/env", "results_dir": ".asv/results"}'


@pytest.fixture
def repository(tmp_path, monkeypatch):
    repository = Repository(tmp_path / "repo")
    repository.write(**{
        "bench/asv.conf.json": CONFIG, "bench/benchmarks/b.py": "1", "package/code.py": "1",
        "bench/benchmarks/policy.toml": "", "bench/.asv/results/m/kept.json": "{}",
    })  # fmt: skip
    repository.commit()
    monkeypatch.chdir(repository.folder)
    return repository


def project_of(repository):
    return find_project(repository.folder / "bench" / "asv.conf.json")


@pytest.mark.parametrize(
    "name",
    [
        "report.html", "check.out", "package/.code.py.swp", "package/new.py", ".idea/x.xml",
        "bench/.holdfast/results/m/x.json", "bench/.asv/results/m/kept.json",
        "bench/asv.conf.json", "bench/benchmarks/policy.toml",
    ],
)  # fmt: skip
def test_reports_results_and_what_git_does_not_track_are_no_edits(repository, name):
    repository.write(**{name: CONFIG})
    refuse_uncommitted(project_of(repository))


@pytest.mark.parametrize("name", ["package/code.py", "bench/benchmarks/b.py"])
@pytest.mark.parametrize("staged", [False, True])
def test_changed_code_and_benchmarks_are_named(repository, name, staged):
    repository.write(**{name: "2"})
    if staged:
        repository.git("add", "--all")
    with pytest.raises(UsageError, match=rf"measured \({name}\); commit or stash") as caught:
        refuse_uncommitted(project_of(repository))
    assert caught.value.exit_code == 2


def test_a_deleted_file_is_an_edit(repository):
    (repository.folder / "package" / "code.py").unlink()
    with pytest.raises(UsageError, match=r"\(package/code\.py\)"):
        refuse_uncommitted(project_of(repository))


def test_with_a_subfolder_to_build_only_its_files_count(repository):
    repository.write(**{"bench/asv.conf.json": '{"repo": "..", "repo_subdir": "package"}'})
    repository.write(**{"docs/index.md": "1", "setup.cfg": "1"})
    repository.commit()
    repository.write(**{"docs/index.md": "2", "setup.cfg": "2"})
    refuse_uncommitted(project_of(repository))
    repository.write(**{"package/code.py": "2"})
    with pytest.raises(UsageError, match=r"\(package/code\.py\)"):
        refuse_uncommitted(project_of(repository))


def test_a_submodule_with_untracked_files_is_unchanged(repository, tmp_path):
    other = Repository(tmp_path / "other")
    other.write(x="1")
    other.commit()
    add = ("submodule", "--quiet", "add", str(other.folder), "vendored")
    repository.git("-c", "protocol.file.allow=always", *add)
    repository.commit()
    repository.write(**{"vendored/new.txt": "1"})
    refuse_uncommitted(project_of(repository))
    repository.write(**{"vendored/x": "2"})
    with pytest.raises(UsageError, match=r"\(vendored\)"):
        refuse_uncommitted(project_of(repository))


def test_of_a_remote_project_only_the_benchmarks_are_looked_at(repository):
    repository.write(**{"bench/asv.conf.json": '{"repo": "https://example.invalid/x.git"}'})
    repository.write(**{"package/code.py": "2"})
    refuse_uncommitted(project_of(repository))
    repository.write(**{"bench/benchmarks/b.py": "2"})
    with pytest.raises(UsageError, match=r"b\.py\)"):
        refuse_uncommitted(project_of(repository))
