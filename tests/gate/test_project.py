import json

import pytest

from holdfast.cli import main
from holdfast.errors import UsageError
from holdfast.gate.asv import run as asv
from holdfast.gate.asv.project import find_project, strip_comments

from .repositories import Repository


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repo")
    repository.write(**{"asv.conf.json": '{"repo": ".", "branches": ["main"]}', "code.py": "1"})
    repository.commit()
    return repository


def project_of(repository):
    return find_project(repository.folder / "asv.conf.json")


def test_the_base_is_where_the_branch_left_main(repository):
    left = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "-b", "branch")
    repository.commit()
    head = repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.commit("meanwhile on main")
    assert project_of(repository).default_base(head) == left


def test_the_base_on_main_is_the_parent(repository):
    parent = repository.git("rev-parse", "HEAD")
    head = repository.commit()
    assert project_of(repository).default_base(head) == parent


def test_only_the_first_listed_branch_is_the_main_one(repository):
    repository.write(**{"asv.conf.json": '{"repo": ".", "branches": ["main", "v1"]}'})
    repository.git("branch", "v1")
    parent = repository.commit()
    head = repository.commit()
    assert project_of(repository).default_base(head) == parent


def test_one_commit_has_no_base(repository):
    head = repository.git("rev-parse", "HEAD")
    with pytest.raises(UsageError, match="is the only commit"):
        project_of(repository).default_base(head)


def test_a_shallow_clone_says_how_to_get_the_history(repository, tmp_path, capsys):
    repository.commit()
    url = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "shallow"))
    project = find_project(tmp_path / "shallow" / "asv.conf.json")
    head = project.commit("HEAD")
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        project.default_base(head)
    (tmp_path / "shallow" / "results").mkdir()
    assert main(["gate", "HEAD~1", "--config", str(project.config)]) == 2
    assert "git fetch --unshallow" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing", "--all", "-x", "", "HEAD~99", "main..HEAD", "a\0b"])
def test_unknown_names_are_refused(repository, name):
    with pytest.raises(UsageError, match="is no commit of"):
        project_of(repository).commit(name)


def test_outside_of_git(tmp_path):
    (tmp_path / "asv.conf.json").write_text('{"repo": "."}')
    with pytest.raises(UsageError, match="no git repository"):
        find_project(tmp_path / "asv.conf.json").commit("HEAD")


def test_uncommitted_files_are_named_but_not_asvs_own(repository):
    repository.write(**{"results/m/x.json": "{}"})
    project_of(repository).refuse_uncommitted()
    repository.write(**{"code.py": "2", "new file.py": ""})
    with pytest.raises(UsageError, match=r"\(code\.py, new file\.py\); commit or stash"):
        project_of(repository).refuse_uncommitted()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["HEAD", "HEAD"], "are the same commit"),
        (["HEAD~1"], "uncommitted changes would not be measured (code.py); commit or stash"),
        (["nothing"], "'nothing' is no commit of"),
    ],
)
def test_check_refuses_before_it_measures(repository, capsys, monkeypatch, arguments, message):
    repository.commit()
    repository.write(**{"code.py": "changed"})
    monkeypatch.chdir(repository.folder)
    assert main(["check", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_missing_tools_say_how_to_get_them(repository, capsys, monkeypatch):
    repository.commit()
    monkeypatch.chdir(repository.folder)
    for missing in ("asv", "virtualenv"):
        monkeypatch.setattr(asv, "is_installed", lambda name, missing=missing: name != missing)
        assert main(["check"]) == 2
        err = capsys.readouterr().err
        assert err == "holdfast: measuring needs the asv extra: pip install 'asv-holdfast[asv]'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1} // end', {"a": 1}),
        (
            '{"url": "https://x/*y*/", /* b\n */ "c": [1, 2, // d\n ], }',
            {"url": "https://x/*y*/", "c": [1, 2]},
        ),
        (
            r'{"quote": "\"// no comment", "comma": ",]"}',
            {"quote": '"// no comment', "comma": ",]"},
        ),
    ],
)
def test_comments_go_and_strings_stay(text, expected):
    assert json.loads(strip_comments(text)) == expected
