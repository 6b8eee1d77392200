"""What an extension needs of the portals: where it may look, and where claim numbers stand.

Read from `config/portals/*.toml`, the same files the sweeps read. Only what is shown here is read;
a broken file is left to `remitlens portal check` and does not take the others down.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from server.api.models import Answered, answer
from server.errors import SettingsError
from server.security.callers import require
from server.security.surroundings import around
from server.settings import read_toml

blueprint = APIBlueprint("portals", __name__, url_prefix="/api/v1/portals", tag="Portals")

Permission = Literal["", "automated", "person_drives", "forbidden"]
REASONS: dict[str, str] = {
    "": "Nobody has said yet whether it may be read; pages are explained, not handed over.",
    "automated": "Its payer or contract allows automated reading.",
    "person_drives": "A person may hand over the page they are on; nothing is read by itself.",
    "forbidden": "Its payer forbids programs on its pages and closes accounts that use them.",
}
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class FinderOut(Answered):
    """Where a value stands: from the code's element outwards, the first ancestor with a match."""

    selector: str
    attribute: str | None = None
    pattern: str | None = None
    scope: Literal["row", "page"] = "row"


class PortalOut(Answered):
    """One portal."""

    id: str
    name: str
    base_address: str
    hosts: list[str]
    permission: Permission
    permission_reason: str
    claim_number: list[FinderOut]
    procedure: list[FinderOut]
    crosswalk: dict[str, str]
    payer_id: str
    payer_name: str


class PortalsOut(Answered):
    """All portals, by id."""

    portals: list[PortalOut]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Cross(_Read):
    group: str = ""
    carc: str = ""
    remark: str = ""


class _Names(_Read):
    ids: tuple[str, ...] = ()
    name: str = ""


class _InPage(_Read):
    match: tuple[str, ...] = ()
    claim_number: str = ""
    procedure: str = ""


class Portal(_Read):
    """What is read of a portal's file."""

    name: str
    base_address: str = ""
    permission: Permission = ""
    payer: _Names = _Names()
    crosswalk: dict[str, _Cross] = {}
    extension: _InPage = _InPage()


def read_portals(config: Path) -> dict[str, Portal]:
    """The portals whose files can be read, by id."""
    found = {}
    for file in sorted((config / "portals").glob("*.toml")):
        if not _ID.fullmatch(file.stem):
            continue
        try:
            found[file.stem] = Portal.model_validate(read_toml(file)[0])
        except (SettingsError, ValidationError):
            continue
    return found


@blueprint.get("")
@blueprint.output(PortalsOut)
@require("viewer", "codes")
def listed() -> Response:
    """The portals this server knows."""
    found = read_portals(around().settings.config)
    return answer(PortalsOut(portals=[_shown(name, one) for name, one in found.items()]))


def _shown(name: str, portal: Portal) -> PortalOut:
    base = portal.base_address.rstrip("/")
    return PortalOut(
        id=name,
        name=portal.name,
        base_address=base,
        hosts=_hosts(base, portal.extension.match),
        permission=portal.permission,
        permission_reason=REASONS[portal.permission],
        claim_number=_finders(portal.extension.claim_number),
        procedure=_finders(portal.extension.procedure),
        crosswalk={given: code for given, one in portal.crosswalk.items() if (code := _code(one))},
        payer_id=next(iter(portal.payer.ids), ""),
        payer_name=portal.payer.name,
    )


def _hosts(base: str, patterns: tuple[str, ...]) -> list[str]:
    """Match patterns of the extension: scheme and host (with port), any path."""
    found = dict.fromkeys(pattern.replace("{base}", base) for pattern in patterns)
    if not found and base:
        parts = urlsplit(base)
        found = dict.fromkeys([f"{parts.scheme}://{parts.netloc}/*"])
    return list(found)


def _finders(selector: str) -> list[FinderOut]:
    return [FinderOut(selector=selector)] if selector else []


def _code(cross: _Cross) -> str:
    if cross.carc:
        return "-".join(filter(None, (cross.group, cross.carc)))
    return cross.remark


def as_json(portals: dict[str, Portal]) -> list[dict[str, Any]]:
    """The same as plain values, for a page."""
    return [_shown(name, one).model_dump(mode="json") for name, one in portals.items()]
