"""The API under /api/v1: one blueprint a file, each named `blueprint`."""

BLUEPRINTS = (
    "health",
    "codes",
    "lines",
    "line_actions",
    "match",
    "intake",
    "observation",
    "scrub",
    "portals",
    "sweeps",
    "reports",
    "pairing",
    "docs",
)
"""Modules in the order the documentation shows them."""
