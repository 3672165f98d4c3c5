import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show.html import to_html
from holdfast.gate.show.junit import to_junit
from holdfast.gate.show.markdown import to_markdown
from holdfast.gate.show.strip import choose_axis, draw_samples

EVIL = "b.time_x(\"'<script>alert(1)</script>&|`@team\n\x1b]0;\ud800)"


def row(name, verdict=Verdict.FAIL, **kind):
    values = {"before": 1.0, "after": 1.3, "ratio": 1.3, "samples": (((1.0, 1.1),), ((1.3, 1.4),))}
    return Row((name, ()), verdict, "seconds", **values | kind)


SHIFT = Row(("(the whole suite)", ()), Verdict.WARN, "", ratio=1.1, note="all")
ROWS = [
    row(EVIL),
    row("b.time_w", waived=True, note="waived until 2030-01-01: known"),
    row("b.time_n", Verdict.NEW, before=None, ratio=None, samples=((), ((1.0,),))),
    row("b.time_p", Verdict.PASS, after=1.0, ratio=1.0),
    row("b.time_s", Verdict.SKIPPED, samples=((), ())),
]
REPORT = Report("a" * 40, "b" * 40, "m", "env", ROWS, shift=SHIFT, remarks=["busy <machine>"])


class Outline(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            assert name not in ("src", "href", "onload")
            assert "http" not in (value or "")
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else():
    page = to_html(REPORT)
    outline = Outline(page)
    assert outline.open == []
    assert "script" not in outline.tags
    assert outline.tags.count("svg") == 4  # for a wide window, and for a phone
    assert outline.tags.count("path") == 8
    assert "url(" not in page
    page.encode("utf-8")


def test_junit_counts_failures_and_skips():
    suite = ET.fromstring(to_junit(REPORT).encode())
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")
    assert len(suite.findall("testcase/failure")) == 1
    assert len(suite.findall("testcase/skipped")) == 1


def test_a_comment_shows_the_shift_first_and_how_to_go_on():
    text = to_markdown(REPORT)
    lines = text.splitlines()
    assert lines[0].startswith("### FAIL")
    assert "busy &lt;machine&gt;" in text
    table = [line for line in lines if line.startswith("| ")]
    assert "the whole suite" in table[1]
    shown = [line for line in lines if not line.startswith("    ")]  # the rest is code
    assert not any("<script" in line or "@team" in line for line in shown)
    assert "    holdfast check aaaa" in text
    assert "    holdfast blame aaaa" in text
    assert "    holdfast bisect aaaa" in text
    assert f"Compared {'a' * 40} and {'b' * 40} on m in env." in text


def test_a_comment_stays_below_the_limit_of_github():
    many = [row(f"b.time_{number}_{'x' * 300}") for number in range(2000)]
    quiet = [row(f"b.time_{number}_{'y' * 300}", Verdict.PASS) for number in range(2000)]
    text = to_markdown(Report("a", "b", "m", "e", many + quiet))
    assert len(text) < 60_000
    assert "more." in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_the_same_report_gives_the_same_bytes():
    for render in (to_html, to_junit, to_markdown):
        assert render(REPORT) == render(REPORT)


def test_one_slow_sample_does_not_hide_the_change():
    samples = (((*tuple(1.0 + n / 100 for n in range(20)), 36.0),), ((1.3, 1.35, 1.4) * 7,))
    for width in (900, 340):
        axis = choose_axis(row("b.time_x", samples=samples), width)
        assert axis.low < 1.0 and 1.4 < axis.high < 2
        assert axis.x(1.3) - axis.x(1.0) > width / 3
        assert 2 <= len(axis.ticks) <= 12
        drawn = draw_samples(row("b.time_x", samples=samples), width)
        assert "+1 ▸" in drawn and "1 more, up to 36.0 s" in drawn


@given(
    st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=30),
    st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=30),
)
@example([1.0000000000000003e-09], [1e-09])
def test_both_estimates_and_most_samples_are_on_the_axis(before, after):
    one = row("b.time_x", before=min(before), after=min(after), samples=((before,), (after,)))
    axis = choose_axis(one, 900)
    for side, end in ((before, one.before), (after, one.after)):
        assert axis.low < end < axis.high
        assert sum(axis.low <= value <= axis.high for value in side) >= 0.9 * len(side) - 1e-9


def test_the_title_says_which_project_and_commits():
    page = to_html(REPORT, about=["wordy, aaaa to bbbb", "before: aaaa, 2026-11-23: One <b>"])
    assert "<title>wordy, aaaa to bbbb: FAIL" in page
    assert "<p>before: aaaa, 2026-11-23: One &lt;b&gt;</p>" in page


def test_samples_that_one_side_lacks_or_that_are_huge_are_drawn():
    for samples in (((), ((1.3,),)), (((),), ((1.0,),)), (((-1e308,),), ((1e308,),))):
        drawn = draw_samples(row("b.time_x", samples=samples), 900)
        assert ET.fromstring(drawn).tag == "svg"
