"""Put a report into the page that all of them share: self-contained, in light and dark."""

from __future__ import annotations

from html import escape as escape_html
from pathlib import Path
from string import Template

from holdfast.escapes import escape


def to_page(title: str, body: str, tone: str = "", tab: str = "") -> str:
    """Return a whole HTML page; ``title`` is text, ``body`` is HTML, ``tab`` the tab's title."""
    page = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
    tab = to_html_text(tab or title)
    return page.substitute(title=to_html_text(title), body=body, tone=tone, tab=tab)


def to_html_text(text: str) -> str:
    """Return ``text`` so that a page, or XML, only shows it."""
    return escape_html(escape(text))
