"""The files of a packet or an appeal, by name. Pure: bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from server.co107.appeal import Appeal
from server.co107.packet import Packet
from server.packets.cover import cover_html, cover_pdf
from server.packets.letter import letter_html, letter_pdf
from server.x12 import CorrectionError, Stamp, correct

NO_ORIGINAL = "The original 837 is not at hand: correct the claim in your billing system."


def packet_files(
    packet: Packet, original: bytes | None, stamps: Sequence[Stamp] = ()
) -> dict[str, bytes]:
    """The corrected 837s and the cover sheet (HTML and PDF).

    `original` is the 837 `packet.original` names. Without it, or where it cannot be corrected, the
    cover sheet stands alone and says so. `stamps` are the new envelopes' numbers, one for each of
    `packet.to_write`; without them the original's stay.
    """
    files: dict[str, bytes] = {}
    notices = list(packet.notices)
    if original is None:
        if packet.to_write:
            notices.append(NO_ORIGINAL)
    else:
        try:
            for place, one in enumerate(packet.to_write):
                stamp = stamps[place] if place < len(stamps) else None
                name = f"{safe_name(packet.claim)}-{place + 1}-{one.purpose}.837"
                files[name] = correct(original, replace(one.edits, stamp=stamp))
        except CorrectionError as error:
            files.clear()
            notices.append(f"No corrected 837 could be written: {error}.")
    shown = replace(packet, notices=tuple(dict.fromkeys(notices)))
    files[f"{safe_name(packet.claim)}-cover.html"] = cover_html(shown, tuple(files)).encode()
    files[f"{safe_name(packet.claim)}-cover.pdf"] = cover_pdf(shown, tuple(files)[:-1])
    return files


def appeal_files(appeal: Appeal) -> dict[str, bytes]:
    """The letter, to edit as HTML and to send as PDF."""
    name = safe_name(appeal.claim)
    return {
        f"{name}-appeal.html": letter_html(appeal).encode(),
        f"{name}-appeal.pdf": letter_pdf(appeal),
    }


def safe_name(claim: str) -> str:
    """A claim number as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", claim).strip("._") or "claim"
