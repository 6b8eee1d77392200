"""The HTML templates beside this module, rendered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from server.packets import words


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("server.packets", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("money", "day", "short_day", "units", "coded", "person", "place"):
        found.filters[name] = getattr(words, name)
    return found


def render(template: str, **values: Any) -> str:
    """The template's HTML; every value is escaped."""
    return _environment().get_template(template).render(**values)
