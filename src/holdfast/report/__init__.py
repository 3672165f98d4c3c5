"""A run as one page, or one picture: what came of it, against what, and by which trades."""

from holdfast.report.facts import RunFacts, read_facts
from holdfast.report.page import write_page

__all__ = ["RunFacts", "read_facts", "write_page"]
