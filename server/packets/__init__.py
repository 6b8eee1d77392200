"""A packet's files: the corrected 837, the cover sheet, the appeal's letter. Nothing is sent."""

from server.packets.cover import cover_html, cover_pdf
from server.packets.files import appeal_files, packet_files
from server.packets.letter import letter_html, letter_pdf

__all__ = [
    "appeal_files",
    "cover_html",
    "cover_pdf",
    "letter_html",
    "letter_pdf",
    "packet_files",
]
