"""asv.conf.json as real projects write it, and what --set makes of it for one run."""

import json

import pytest

from holdfast.errors import UsageError
from holdfast.gate.asv.config import parse_setting, read_settings, select_pythons
from holdfast.gate.asv.environments import load_config
from holdfast.gate.asv.project import find_project
from needs import needs_asv


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
        ("{project: 'single', }", {"project": "single"}),
    ],
)
def test_what_asv_reads_is_read(tmp_path, text, expected):
    (tmp_path / "c.json").write_text(text)
    assert read_settings(tmp_path / "c.json") == expected


@pytest.mark.parametrize("text", ["{", "[1]", "", "nonsense", "[" * 100_000])
def test_what_is_no_configuration_is_named(tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(UsageError, match=r"c\.json"):
        read_settings(tmp_path / "c.json")


def test_a_large_file_must_be_strict_json(tmp_path):
    """What reads comments takes seconds for it."""
    text = json.dumps({"project": "p" * 30_000})
    (tmp_path / "c.json").write_text(text)
    assert read_settings(tmp_path / "c.json") == json.loads(text)
    (tmp_path / "c.json").write_text(f"{text} // more")
    with pytest.raises(UsageError, match=r"at most 20,000 characters, and this one has 30,0"):
        read_settings(tmp_path / "c.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("environment_type=virtualenv", ("environment_type", "virtualenv")),
        ('pythons=["3.11", "3.12"]', ("pythons", ["3.11", "3.12"])),
        ("install_timeout=1200", ("install_timeout", 1200)),
        ("build_command=null", ("build_command", None)),
        ('matrix={"req": {"a=b": ["1"]}}', ("matrix", {"req": {"a=b": ["1"]}})),
    ],
)
def test_a_setting_is_json_or_a_word(text, expected):
    assert parse_setting(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environment_typ=uv", "did you mean environment_type"),
        ("nothing", "is not KEY=JSON"),
        ('pythons=["3.11"', "is neither JSON"),
    ],
)
def test_a_setting_that_asv_would_ignore_is_refused(text, message):
    with pytest.raises(UsageError, match=message):
        parse_setting(text)


def test_a_python_is_chosen_from_the_matrix_and_the_included():
    settings = {
        "pythons": ["3.11", "3.12"],
        "include": [{"python": "3.9", "req": {"a": "1"}}, {"python": "3.12"}],
    }
    assert select_pythons(settings, ["3.11"]) == {"pythons": ["3.11"], "include": []}
    assert select_pythons(settings, ["3.9"]) == {"pythons": [], "include": settings["include"][:1]}
    assert select_pythons(settings, ["3.14"]) == {"pythons": ["3.14"], "include": []}


@needs_asv
def test_asv_sees_what_is_overridden(tmp_path, monkeypatch):
    (tmp_path / "asv.conf.json").write_text('{"version": 1, "repo": "..", "pythons": ["3.11"]}')
    project = find_project(tmp_path / "asv.conf.json", overrides={"environment_type": "virtualenv"})
    monkeypatch.chdir(tmp_path)
    loaded = load_config(project)
    assert (loaded.environment_type, loaded.repo) == ("virtualenv", "..")
    assert [path.name for path in tmp_path.iterdir()] == ["asv.conf.json"]


def test_a_config_elsewhere_is_offered(tmp_path, monkeypatch):
    (tmp_path / "asv_bench").mkdir()
    (tmp_path / "asv_bench" / "asv.conf.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"such as --config asv_bench/asv\.conf\.json"):
        find_project(None)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("repo", 3, "text"),
        ("results_dir", "\ud800", "text"),
        ("env_dir", "a\0b", "text"),
        ("branches", "main", "a list of texts"),
        ("pythons", [3.11], "a list of texts"),
        ("matrix", [], "an object"),
        ("include", {}, "a list of objects"),
        ("exclude", ["x"], "a list of objects"),
        ("install_timeout", "600", "a number"),
        ("default_benchmark_timeout", True, "a number"),
        ("build_command", [1], "text or a list of texts"),
    ],
)
def test_a_value_of_another_type_is_named(tmp_path, key, value, expected):
    path = tmp_path / "asv.conf.json"
    path.write_text(json.dumps({"version": 1, "repo": ".", key: value}))
    with pytest.raises(
        UsageError, match=rf"asv\.conf\.json: {key} is .*, which is not {expected}$"
    ):
        find_project(path)
