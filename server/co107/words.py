"""How texts from different files are made comparable."""

from __future__ import annotations

import re

_NOT_ALNUM = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Upper case, punctuation as single spaces: for names of payers and people."""
    if text.isalnum():
        return text.upper()
    return _NOT_ALNUM.sub(" ", text).strip().upper()


def code(text: str) -> str:
    """Upper case without surrounding blanks: for ids and codes."""
    return text.strip().upper()
