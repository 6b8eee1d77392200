"""The morning report as HTML that mail programs show, and as plain text beside it. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from server.report import Report

_TEMPLATES = Path(__file__).with_name("mail")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters["money"] = _money
    made.filters["left"] = _left
    return made


def _money(value: Decimal) -> str:
    return f"${value:,.2f}"


def _left(days: int | None) -> str:
    if days is None:
        return "no last day"
    if days == 0:
        return "today"
    many = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{many} left" if days > 0 else f"{many} past"


def html(report: Report, zone: ZoneInfo) -> str:
    """One HTML document: tables and inline styles, no picture and nothing fetched."""
    return _environment().get_template("night.html").render(report=report, zone=zone)


def text(report: Report, zone: ZoneInfo) -> str:
    """The same in plain text."""
    return _environment().get_template("night.txt").render(report=report, zone=zone)
