"""The finder's grammar, read once from `finder_rules.toml` and compiled.

The same file feeds the extension (`server.codes.export_finder`), so nothing that decides what is
a code may live in a pattern written here.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

FOLDED: Final = frozenset(
    {
        "units_after",
        "address_after",
        "road_before",
        "road_near",
        "company_before",
        "reading_before",
        "state_before",
        "identity_before",
        "claim_near",
        "claim_word",
        "denial_near",
        "remark_not_before",
        "remark_not_after",
        "modifier_before",
        "road_after",
        "diagnosis_near",
        "transit_near",
        "modifiers_before",
        "group_left",
        "group_label_left",
        "group_right",
        "group_named",
        "software_near",
        "disease_near",
        "inherited_rest",
        "spoken_rest",
    }
)
"""Patterns read without regard to (ASCII) case."""


def source() -> dict[str, Any]:
    """The rules as they stand in the file."""
    return tomllib.loads(
        files("server.codes").joinpath("finder_rules.toml").read_text(encoding="utf-8")
    )


def spelled_out(ranges: str) -> list[str]:
    """`1-3 MA1-MA2` as `1 2 3 MA01 MA02`."""
    found: list[str] = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        head = first.rstrip("0123456789")
        low, high = int(first[len(head) :]), int((last or first)[len(head) :])
        width = 2 if head == "MA" else 1
        found += [f"{head}{number:0{width}}" for number in range(low, high + 1)]
    return found


def any_of(words: list[str]) -> str:
    """A pattern that finds any of the words, those of one first letter together: far faster."""
    firsts: dict[str, list[str]] = {}
    for word in words:
        firsts.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(
        f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in sorted(firsts.items())
    )


def fill(pattern: str, chars: dict[str, str], end: str) -> str:
    """A pattern with its `{space}`, `{dash}`, `{open}`, `{shut}` and `{end}` written out."""
    parts = {
        "{open}": chars["open"],
        "{shut}": chars["shut"],
        "{space}": f"[{chars['spaces']}]",
        "{dash}": f"[{re.escape(chars['dashes'])}]",
        "{end}": end,
    }
    for name, body in parts.items():
        pattern = pattern.replace(name, body)
    return pattern


class Rules:
    """Everything the scan asks, ready to use. Attributes of `patterns` are compiled regexes."""

    def __init__(self, rules: dict[str, Any]) -> None:
        chars, words = rules["chars"], rules["words"]
        self.spaces: str = chars["spaces"]
        self.dashes: str = chars["dashes"]
        self.unseen: str = chars["unseen"]
        self.groups = frozenset(rules["groups"])
        self.spellings: dict[str, str] = rules["group_spellings"]
        self.known_carc = frozenset(spelled_out(rules["known"]["carc"]))
        self.known_rarc = frozenset(spelled_out(rules["known"]["rarc"]))
        self.words = {kind: frozenset(held) for kind, held in words.items()}
        self.stems = {
            kind: re.compile(any_of(held))
            for kind, held in words.items()
            if kind.endswith("_stems")
        }
        """For lists of stems: whether a line in small letters holds one of them."""
        self.headers = {kind: frozenset(held) for kind, held in rules["headers"].items()}
        self.label_words = frozenset().union(
            *(self.words[kind] for kind in ("carc", "rarc", "group", "code", "denial", "filler"))
        )
        """Every word a label may consist of."""
        ending = ("carc", "rarc", "code", "joining")
        self.tails = frozenset(word[-2:] for kind in ending for word in self.words[kind]) | {"si"}
        """Last two letters of every word that may stand right before a value."""
        self.endings = self.tails | {"al", "nt"}
        """And of those that may where a colon follows: "Reason for denial:"."""
        self.pattern = {
            name: re.compile(
                fill(body, chars, r"\Z"),
                re.ASCII | (re.IGNORECASE if name in FOLDED else 0),
            )
            for name, body in rules["patterns"].items()
        }


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The grammar in force."""
    return Rules(source())
