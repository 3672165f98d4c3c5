"""``zipline.utils.events`` as strategies import it: the rules of ``schedule_function``."""

from __future__ import annotations

from holdfast.schedule import calendars, date_rules, time_rules

__all__ = ["calendars", "date_rules", "time_rules"]
