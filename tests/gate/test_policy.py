import datetime
import re
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.gate.core.policy import Rule, Target
from holdfast.gate.core.policy_file import parse_policy

TODAY = datetime.date(2030, 1, 31)
EXAMPLE = """
[measure]
bench = ['^[^(]*$', "\\\\('quick'"]
memory_baseline = "imports.peakmem_nothing"

# Layers must stay fast.
[[rule]]
match = '^(user_code|data_portal|bundle_pool|heavy_operations)\\.'
fail = 10

[[rule]]
match = 'track_hits'
direction = "higher"
floor = 2
owner = "data team"

[[rule]]
match = 'time_flaky'
waiver = "slower BLAS, see the tracker"
until = 2030-01-31

[[function]]
match = '^io\\.'
warn = 10

[[function]]
match = 'io\\.rows'
warn = 30
floor = 0.001
owner = "io team"

[[target]]
name = "layer"
benchmark = "b.time_x"
off = ["off"]
on = [1]
less = 0.5
"""


def parse(text, prefix=""):
    return parse_policy(text, "policy.toml", TODAY, prefix)


def test_the_documented_example_is_a_policy():
    page = Path(__file__).parents[2] / "docs" / "policy.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    policy = parse_policy(example, page.name, datetime.date(2026, 1, 1))
    assert len(policy.clauses) == 6
    assert policy.function_limit("io.rows.parse").warn == 20
    assert policy.rule("b.time_parse").until == datetime.date(2027, 1, 31)


def test_the_defaults():
    assert parse("").rule("b.time_x") == Rule(warn=5.0, fail=20.0)


def test_a_policy_sets_limits_by_expression():
    policy = parse(EXAMPLE)
    assert policy.rule("user_code.time_assets(1)") == Rule(fail=10)
    assert policy.rule("b.track_hits").direction == "higher"
    assert policy.rule("b.time_flaky").until == TODAY
    assert policy.bench == ("^[^(]*$", r"\('quick'")
    assert policy.memory_baseline == "imports.peakmem_nothing"
    assert policy.targets == [Target("layer", "b.time_x", "less", 0.5, (), ("off",), (1,))]


def test_functions_have_limits_of_their_own():
    policy = parse(EXAMPLE)
    assert policy.function_limit("io.open").warn == 10
    rows = policy.function_limit("io.rows.parse")
    assert (rows.warn, rows.floor, rows.owner) == (30, 0.001, "io team")
    assert policy.function_limit("json.loads") is None


def test_a_rule_may_fail_where_it_would_warn():
    assert parse("[[rule]]\nmatch='.'\nwarn=5\nfail=5").rule("x") == Rule(warn=5, fail=5)


def test_later_rules_override_earlier_ones_key_by_key():
    policy = parse("[[rule]]\nmatch='.'\nwarn=1\nfail=8\n[[rule]]\nmatch='x'\nwarn=2")
    assert policy.rule("x") == Rule(warn=2, fail=8)
    assert policy.rule("y") == Rule(warn=1, fail=8)


def test_other_projects_use_their_pyproject():
    text = "[project]\nname='x'\n[[tool.holdfast.rule]]\nmatch='x'\nfail=7\nfial=8"
    with pytest.raises(UsageError, match=r"policy\.toml:6: fial: unknown key; did you mean fail"):
        parse(text, "tool.holdfast.")
    assert parse(text[:-7], "tool.holdfast.").rule("x") == Rule(fail=7)
    assert parse("[tool.other]", "tool.holdfast.").rule("x") == Rule()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", r"policy\.toml: .*line 1"),
        ("\n[mesure]\n", r"policy\.toml:2: mesure: unknown key; did you mean measure"),
        ("[measure]\nbench = 'x'", r":2: bench: 'x' is not a list of expressions"),
        ("[measure]\n\nbench = ['(']", r":3: bench: \['\('\] is not a list of expr"),
        ("[rule]\nmatch = 'x'", r"policy\.toml:1: rule: .* is not \[\[tables\]\]"),
        ("[[rule]]\nfail = 3", r":1: match: is missing"),
        ("[[rule]]\nmatch = '['", r":2: match: '\[' is not a regular"),
        (
            "[[rule]]\nmatch='a'\n[[rule]]\nmatch='b'\nwarn = -1",
            r":5: warn: -1 is not a number from 0 on",
        ),
        ("[[rule]]\nmatch='a'\nwarn = 'x'", r":3: warn"),
        ("[[rule]]\nmatch='a'\nwarn = nan", r":3: warn"),
        ("[[rule]]\nmatch='a'\nfail = inf", r":3: fail"),
        ("[[rule]]\nmatch='a'\nfail = true", r":3: fail"),
        ("[[rule]]\nmatch='a'\nfail = 4", r":1: warn: 5 is above fail \(4\)"),
        ("[[rule]]\nmatch='a'\nstatistic = 'p90'", r":3: statistic: 'p90' is not one of min"),
        ("[[rule]]\nmatch='a'\ndirection = 'up'", r":3: direction: 'up' is not one of lower"),
        ("[[function]]\nwarn = 3", r":1: match: is missing"),
        ("[[function]]\nmatch = 'x'", r":1: warn: is missing"),
        ("[[function]]\nmatch='a'\nwarn=1\nfail=2", r":4: fail: unknown key"),
        ("[[function]]\nmatch='a'\nwarn='1'", r":3: warn: '1' is not a number"),
        ("[function]\nmatch='a'", r":1: function: .* is not \[\[tables\]\]"),
        ("[[rule]]\nmatch='a'\nexact = 1", r":3: exact"),
        ("[[rule]]\nmatch='a'\nwaiver = 'why'", r":3: waiver: needs a reason and a date"),
        ("[[rule]]\nmatch='a'\nuntil = 2030-02-01", r":1: waiver: needs a reason"),
        ("[[rule]]\nmatch='a'\nwaiver='y'\nuntil = 2030-01-30", r":4: until: the waiver expired"),
        ("[[rule]]\nmatch='a'\nwaiver='y'\nuntil = '2030-02-01'", r":4: until: .* is not a date"),
    ],
)
def test_a_mistake_is_an_error_that_names_the_line(text, message):
    with pytest.raises(UsageError, match=message):
        parse(text)


def test_a_rule_that_matches_nothing_is_an_error():
    policy = parse("[[rule]]\nmatch = 'time_x'\n\n[[rule]]\nmatch = 'time_y'")
    policy.require_matches(["b.time_x", "b.time_y(1)"])
    with pytest.raises(UsageError, match=r"policy\.toml:5: 'time_y' matches no benchmark"):
        policy.require_matches(["b.time_x"])


def test_a_memory_baseline_that_is_no_benchmark_is_an_error():
    policy = parse("[measure]\nmemory_baseline = 'b.peakmem_import'")
    policy.require_matches(["b.peakmem_import"])
    with pytest.raises(UsageError, match=r"memory_baseline 'b\.peakmem_import' is not a benchmark"):
        policy.require_matches(["b.peakmem_imports"])


VALUES = st.sampled_from(["1", "'x'", "[1]", "nan", "-inf", "true", "{a=1}", "2030-01-01", "[{}]"])
KEYS = st.sampled_from(["match", "warn", "fail", "until", "rule", "measure", "bench", "[[rule]]"])


@given(st.lists(st.tuples(KEYS, VALUES), max_size=6))
def test_any_toml_is_a_policy_or_an_error(pairs):
    lines = [key if key.startswith("[") else f"{key} = {value}" for key, value in pairs]
    try:
        parse("\n".join(lines))
    except UsageError as error:
        assert str(error).startswith("policy.toml")


def test_what_python_may_read_otherwise_one_day_is_not_warned_of():
    with warnings.catch_warnings(action="error"):
        parse_policy('[[rule]]\nmatch = "[[a]"\nfail = 9\n', "p", datetime.date(2029, 1, 1))
