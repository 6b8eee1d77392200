"""Which outcome's sign a live page shows, in any of its frames, seen as a person would see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

_LOOK = """(signs) => signs.filter(sign => [...document.querySelectorAll(sign.selector)].some(
    node => node.checkVisibility({visibilityProperty: true})
        && (node.textContent ?? '').replace(/\\s+/g, ' ').toLowerCase()
            .includes(sign.text.toLowerCase())
)).map(sign => sign.outcome)"""


@dataclass(frozen=True, slots=True)
class Sign:
    """An outcome's name and one marker of it."""

    outcome: str
    selector: str
    text: str = ""


async def signs_shown(page: Page, signs: Sequence[Sign]) -> set[str]:
    """Names of the outcomes whose signs are visible now, in the page or any frame of it.

    A frame that is gone or still being replaced shows nothing: whoever waits looks again.
    """
    from playwright.async_api import Error

    found: set[str] = set()
    wanted = [asdict(sign) for sign in signs]
    for frame in page.frames:
        try:
            found.update(await frame.evaluate(_LOOK, wanted))
        except Error:
            continue
    return found
