"""Fixtures: one capture a file, with what a right reading of it gives beside it.

`<name>.html` holds a first line with the claim asked for and when it was seen, then each page under
a line that names its kind; `<name>.json` holds the look, or `{"error": "SiteChanged"}`. Only
invented or thoroughly redacted pages belong into a fixture.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scrapers.capture import Capture, ClaimRef, FrozenPage
from scrapers.errors import PortalError
from scrapers.portal import Portal
from scrapers.visit import read_look
from server.errors import UserError
from server.facts import Look, Payer

_PAGE = re.compile(r"^<!--page (?P<kind>[\w:-]+)-->\n", re.MULTILINE)
_OWN_TO_THE_PORTAL = ("payer", "portal", "source", "account", "looked_at")


class FixtureError(UserError):
    """A fixture file that is none."""


def plain(value: Any) -> Any:
    """Records as JSON values: dates ISO, money as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)


def told(look: Look) -> dict[str, Any]:
    """A look as a fixture's JSON: without what depends on the portal's name, time and evidence."""
    bare: dict[str, Any] = _bare(plain(look))
    return bare


def _bare(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {key: _bare(one) for key, one in entry.items() if key not in _OWN_TO_THE_PORTAL}
    return [_bare(one) for one in entry] if isinstance(entry, list) else entry


def outcome_of(capture: Capture, portal: Portal) -> dict[str, Any]:
    """What reading gives: the look as JSON, or the error's name."""
    try:
        return told(read_look(capture, portal))
    except PortalError as error:
        return {"error": type(error).__name__}


def write_fixture(folder: Path, name: str, capture: Capture, expected: dict[str, Any]) -> None:
    """Write one fixture; the folder is made where absent."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"ref": plain(capture.ref), "seen_at": capture.seen_at.isoformat()}
    text = f"<!--capture {json.dumps(asked)}-->\n"
    for page in capture.pages:
        text += f"<!--page {page.kind}-->\n{page.text}\n"
    (folder / f"{name}.html").write_text(text, encoding="utf-8")
    pretty = json.dumps(expected, indent=1) + "\n"
    (folder / f"{name}.json").write_text(pretty, encoding="utf-8")


def read_fixture(path: Path, portal: str) -> tuple[Capture, dict[str, Any]]:
    """A fixture's capture and what reading it must give; raises FixtureError."""
    try:
        text = path.read_text(encoding="utf-8")
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        head, _, rest = text.partition("\n")
        asked = json.loads(head.removeprefix("<!--capture ").removesuffix("-->"))
        ref = asked["ref"]
        days = [date.fromisoformat(ref[key]) if ref[key] else None for key in _DAYS]
        payer = Payer(tuple(ref["payer"]["ids"]), ref["payer"]["name"])
        seen_at = datetime.fromisoformat(asked["seen_at"])
        number = ref["payer_claim_control_number"]
        claim = ClaimRef(ref["claim"], ref["member_id"], days[0], days[1], payer, number)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FixtureError(f"{path}: no fixture ({type(error).__name__})") from None
    parts = _PAGE.split(rest)[1:]
    pages = tuple(
        FrozenPage(kind, html.removesuffix("\n"))
        for kind, html in zip(parts[::2], parts[1::2], strict=True)
    )
    return Capture(portal, claim, pages, seen_at), expected


_DAYS = ("first_day", "last_day")


def fixture_folder(root: Path, portal: Portal) -> Path:
    """Where a portal's fixtures lie below `root`: its own folder, else its family's."""
    own = root / portal.id
    return own if own.is_dir() else root / portal.family
