import pytest

from holdfast.cli import main
from holdfast.errors import UsageError
from holdfast.gate.asv.project import find_project
from holdfast.gate.trust.laboratory import Repository
from support.command_line import unwrap


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repo")
    repository.write(**{"asv.conf.json": '{"repo": ".", "branches": ["main"]}', "code.py": "1"})
    repository.commit()
    return repository


def project_of(repository):
    return find_project(repository.folder / "asv.conf.json")


@pytest.mark.parametrize("name", ["nothing", "--all", "-x", "", "HEAD~99", "main..HEAD", "a\0b"])
def test_unknown_names_are_refused(repository, name):
    with pytest.raises(UsageError, match="is not a commit of"):
        project_of(repository).commit(name)


def test_outside_of_git(tmp_path):
    (tmp_path / "asv.conf.json").write_text('{"repo": "."}')
    with pytest.raises(UsageError, match="not a git repository"):
        find_project(tmp_path / "asv.conf.json").commit("HEAD")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["HEAD", "HEAD"], "are the same commit"),
        (["HEAD~1"], "uncommitted changes would not be measured (code.py); commit or stash"),
        (["nothing"], "'nothing' is not a commit of"),
    ],
)
def test_check_refuses_before_it_measures(repository, capsys, monkeypatch, arguments, message):
    repository.commit()
    repository.write(**{"code.py": "changed"})
    monkeypatch.chdir(repository.folder)
    assert main(["check", *arguments]) == 2
    assert message in unwrap(capsys.readouterr().err)
