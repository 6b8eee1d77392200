"""What a person wants to know of the portals' files: names, and who allowed what when.

Only what is shown is read; a broken file is left to `remitlens portal check`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from server.errors import SettingsError
from server.settings import read_toml

PERMISSIONS = {
    "": "Nobody has said yet; it is not read.",
    "automated": "May be read automatically.",
    "person_drives": "A person may hand over the page they are on.",
    "forbidden": "Its payer forbids reading by programs.",
}
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class PortalFile:
    """One portal: its name, and its permission with who gave it and when, as written."""

    id: str
    name: str
    permission: str = ""
    allowed_by: str = ""
    allowed_on: str = ""

    @property
    def permission_text(self) -> str:
        """The permission in words."""
        return PERMISSIONS.get(self.permission, self.permission)


def portal_files(config: Path) -> dict[str, PortalFile]:
    """The portals whose files can be read, by id."""
    found = {}
    for file in sorted((config / "portals").glob("*.toml")):
        if not _ID.fullmatch(file.stem):
            continue
        try:
            table = read_toml(file)[0]
        except SettingsError:
            continue
        texts = {
            name: str(table.get(name, "") or "")
            for name in ("name", "permission", "allowed_by", "allowed_on")
        }
        found[file.stem] = PortalFile(file.stem, **(texts | {"name": texts["name"] or file.stem}))
    return found
