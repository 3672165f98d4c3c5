"""Which commit a head is held against, on real repositories as people and workflows have them."""

import pytest

from holdfast.cli import main
from holdfast.errors import UsageError
from holdfast.gate.asv.base import find_base
from holdfast.gate.asv.project import find_project
from holdfast.gate.trust.laboratory import Repository
from support.command_line import unwrap


@pytest.fixture
def repository(tmp_path):
    return make(tmp_path / "repo", branches='["main"]')


def make(folder, branches):
    repository = Repository(folder)
    config = f'{{"repo": ".", "branches": {branches}}}' if branches else '{"repo": "."}'
    repository.write(**{"asv.conf.json": config, "code.py": "1"})
    repository.commit()
    return repository


def project_of(repository):
    return find_project(repository.folder / "asv.conf.json")


def branch_off(repository, main="main"):
    """Put two commits on a branch, and one more on main; return the fork and the head."""
    fork = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit()
    head = repository.commit()
    repository.git("checkout", "--quiet", main)
    repository.commit("meanwhile on main")
    repository.git("checkout", "--quiet", "topic")
    return fork, head


def clone(repository, folder, *options):
    copy = Repository.__new__(Repository)
    copy.folder = folder
    repository.git("clone", "--quiet", *options, repository.folder.as_uri(), str(folder))
    return copy


def test_the_base_is_where_the_branch_left_main(repository):
    fork, head = branch_off(repository)
    base = find_base(project_of(repository), head)
    assert base == (fork, "where HEAD left main (their merge base)")


def test_the_base_on_main_is_the_parent(repository):
    parent = repository.git("rev-parse", "HEAD")
    head = repository.commit()
    base = find_base(project_of(repository), head)
    assert base == (parent, "the parent of HEAD, for main ends at HEAD")


@pytest.mark.parametrize("branches", ['["HEAD"]', "", "[]", '["master"]', '["upstream/master"]'])
def test_the_usual_names_of_main_are_tried(tmp_path, branches):
    repository = make(tmp_path / "repo", branches)
    repository.git("branch", "--move", "master")
    fork, head = branch_off(repository, "master")
    base = find_base(project_of(repository), head)
    assert base == (fork, "where HEAD left master (their merge base)")


def test_a_clone_knows_the_default_branch_of_its_remote(tmp_path):
    repository = make(tmp_path / "repo", '["HEAD"]')
    repository.git("branch", "--move", "trunk")
    fork, _ = branch_off(repository, "trunk")
    repository.git("checkout", "--quiet", "trunk")
    copy = clone(repository, tmp_path / "copy")
    copy.git("checkout", "--quiet", "--detach", "origin/topic")
    copy.git("branch", "--delete", "--force", "trunk")
    base = find_base(project_of(copy), copy.git("rev-parse", "HEAD"))
    assert base == (fork, "where HEAD left origin/trunk (their merge base)")


@pytest.mark.parametrize(
    ("branches", "remote"), [('["upstream/main"]', "origin"), ('["main"]', "upstream")]
)
def test_a_branch_of_one_remote_is_looked_for_at_the_other(tmp_path, branches, remote):
    repository = make(tmp_path / "repo", branches)
    fork, head = branch_off(repository)
    copy = clone(repository, tmp_path / "copy", "--origin", remote, "--branch", "topic")
    base = find_base(project_of(copy), head)
    assert base == (fork, f"where HEAD left {remote}/main (their merge base)")


def test_of_two_mains_the_nearer_counts_since_a_fork_may_be_old(repository):
    old = repository.git("rev-parse", "HEAD")
    repository.git("update-ref", "refs/remotes/origin/main", old)
    new = repository.commit("merged upstream")
    repository.git("update-ref", "refs/remotes/upstream/main", new)
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.git("branch", "--delete", "--force", "main")
    head = repository.commit()
    base = find_base(project_of(repository), head)
    assert base == (new, "where HEAD left upstream/main (their merge base)")


def test_the_branch_a_pull_request_is_for_comes_first(repository, capsys, monkeypatch):
    repository.git("checkout", "--quiet", "-b", "stable")
    fork = repository.commit("only in stable")
    repository.git("checkout", "--quiet", "-b", "fix")
    head = repository.commit()
    assert find_base(project_of(repository), head, "stable").commit == fork
    assert find_base(project_of(repository), head).why.startswith("where HEAD left main")
    monkeypatch.setenv("GITHUB_BASE_REF", "stable")
    monkeypatch.chdir(repository.folder)
    (repository.folder / "code.py").write_text("edited")
    assert main(["check"]) == 2
    said = f"holdfast: base: {fork[:8]}, where HEAD left stable (their merge base)"
    assert unwrap(capsys.readouterr().err).splitlines()[0] == said


def merge_detached(repository):
    """Leave the repository as a workflow for a pull request does: on a detached merge commit."""
    branch_off(repository)
    tip = repository.git("rev-parse", "main")
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merged", "topic")
    return tip, repository.git("rev-parse", "HEAD")


def test_the_detached_merge_of_a_pull_request(repository):
    tip, head = merge_detached(repository)
    base = find_base(project_of(repository), head)
    assert base == (tip, "where HEAD left main (their merge base)")
    repository.git("branch", "--delete", "--force", "main")
    base = find_base(project_of(repository), head)
    assert base == (tip, "the first parent of HEAD, a merge commit")


def test_without_any_main_branch_that_is_said(repository):
    repository.git("branch", "--move", "develop")
    parent = repository.git("rev-parse", "HEAD")
    head = repository.commit()
    base = find_base(project_of(repository), head)
    assert base == (parent, "the parent of HEAD, for there is no main here")


def test_only_the_first_listed_branch_is_the_main_one(repository):
    repository.write(**{"asv.conf.json": '{"repo": ".", "branches": ["main", "v1"]}'})
    repository.git("branch", "v1")
    parent = repository.commit()
    head = repository.commit()
    assert find_base(project_of(repository), head).commit == parent


def test_one_commit_has_no_base(repository):
    head = repository.git("rev-parse", "HEAD")
    with pytest.raises(UsageError, match="is the only commit"):
        find_base(project_of(repository), head)


def test_a_shallow_clone_says_how_to_get_the_history(repository, tmp_path, capsys):
    repository.commit()
    project = project_of(clone(repository, tmp_path / "shallow", "--depth=1"))
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        find_base(project, project.commit("HEAD"))
    (tmp_path / "shallow" / "results").mkdir()
    assert main(["gate", "HEAD~1", "--config", str(project.config)]) == 2
    assert "git fetch --unshallow" in unwrap(capsys.readouterr().err)
