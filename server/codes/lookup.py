"""What a denial code means: the whole catalogue as one frozen object.

`catalogue()` reads the shipped files once for the process. A colleague of the official list, not a
copy: every word here is our own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, cast

from server.codes.catalogue_files import Entries, read_entries, shipped_files
from server.codes.entries import (
    CARC_CODE,
    RARC_CODE,
    CarcEntry,
    Entry,
    GroupEntry,
    Kind,
    RarcEntry,
)
from server.codes.ranking import Indexed, index, rank

_CARC = re.compile(
    rf"(?:CARC\s*)?(?:(?P<group>CO|PR|OA|PI|CR)[\s*/:\u2010-\u2015-]*)?0{{0,2}}(?P<code>{CARC_CODE})"
)
_RARC = re.compile(rf"(?:RARC\s*)?(?P<code>{RARC_CODE})")
_EXACT = 1000.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one code as it was asked for.

    `code` is canonical: `CO-107` with its group, `107` without, `N122`, or a group alone (`CO`).
    """

    code: str
    kind: Kind
    entry: Entry
    group: GroupEntry | None = None

    @property
    def group_says(self) -> str | None:
        """Who bears the money, in the words of this reason where it has any, else of the group."""
        if self.group is None:
            return None
        if isinstance(self.entry, CarcEntry) and self.group.code in self.entry.groups:
            return self.entry.groups[self.group.code]
        return self.group.meaning

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the entry's fields, with `code`, `kind`, `group` and `group_says`."""
        fields = _fields(self.entry) | {
            "source": self.entry.source,
            "reviewed": self.entry.reviewed.isoformat(),
        }
        named = {"group": self.group.code, "group_says": self.group_says} if self.group else {}
        return {"code": self.code, "kind": self.kind} | named | fields


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search: the entry, its kind, and how well it fits (above 0)."""

    kind: Kind
    entry: Entry
    score: float


@dataclass(frozen=True)
class Catalogue:
    """All entries by kind and code. Lookups are O(1); nothing in it changes."""

    groups: Mapping[str, GroupEntry]
    carc: Mapping[str, CarcEntry]
    rarc: Mapping[str, RarcEntry]

    @classmethod
    def of(cls, entries: Entries) -> Catalogue:
        """Build from what `read_entries` gave."""
        return cls(
            groups=MappingProxyType(cast(dict[str, GroupEntry], entries["group"])),
            carc=MappingProxyType(cast(dict[str, CarcEntry], entries["carc"])),
            rarc=MappingProxyType(cast(dict[str, RarcEntry], entries["rarc"])),
        )

    def explain(self, text: str) -> Explanation | None:
        """What `CO-107`, `co 107`, `107`, `N122`, `RARC N122` or `CO` means; None where unknown."""
        wanted = text.strip().upper()
        if wanted in self.groups:
            return Explanation(wanted, "group", self.groups[wanted], self.groups[wanted])
        if match := _RARC.fullmatch(wanted):
            # MA1 is written MA01 in the list.
            remark = self.rarc.get(match["code"]) or self.rarc.get(
                re.sub(r"^MA(?=\d$)", "MA0", wanted)
            )
            return Explanation(remark.code, "rarc", remark) if remark else None
        if match := _CARC.fullmatch(wanted):
            reason = self.carc.get(match["code"])
            if reason is None:
                return None
            group = self.groups.get(match["group"] or "")
            code = f"{group.code}-{reason.code}" if group else reason.code
            return Explanation(code, "carc", reason, group)
        return None

    def search(self, text: str, limit: int = 10) -> list[Found]:
        """The entries that fit `text` best, best first. A code as it stands finds just that one."""
        if exact := self.explain(text):
            return [Found(exact.kind, exact.entry, _EXACT)]
        ranked = rank(text, self._indexed, limit)
        return [Found(_kind(entry), entry, round(score, 2)) for score, entry in ranked]

    def bundle(self) -> dict[str, Any]:
        """Everything a tooltip needs, JSON-ready, with `version`, the SHA-256 of the content.

        `{"version", "reviewed", "groups": {code: entry}, "carc": {...}, "rarc": {...}}`; fields
        that are empty or at their default are left out. The same dict is given each time: do not
        change it.
        """
        return self._bundle

    @cached_property
    def _indexed(self) -> tuple[Indexed, ...]:
        return index([*self.groups.values(), *self.carc.values(), *self.rarc.values()])

    @cached_property
    def _bundle(self) -> dict[str, Any]:
        parts: dict[str, Mapping[str, Entry]] = {
            "groups": self.groups,
            "carc": self.carc,
            "rarc": self.rarc,
        }
        content: dict[str, Any] = {
            name: {code: _fields(entry) for code, entry in part.items()}
            for name, part in parts.items()
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        oldest = min(
            (entry.reviewed for part in parts.values() for entry in part.values()), default=None
        )
        return {
            "version": hashlib.sha256(text.encode()).hexdigest(),
            "reviewed": oldest.isoformat() if oldest else None,
            **content,
        }


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped catalogue, read once. Raises CatalogueError where a file breaks its format."""
    return Catalogue.of(read_entries(shipped_files()))


def _fields(entry: Entry) -> dict[str, Any]:
    hidden = {"code", "source", "reviewed"}
    return entry.model_dump(mode="json", exclude=hidden, exclude_defaults=True)


def _kind(entry: Entry) -> Kind:
    if isinstance(entry, GroupEntry):
        return "group"
    return "carc" if isinstance(entry, CarcEntry) else "rarc"
