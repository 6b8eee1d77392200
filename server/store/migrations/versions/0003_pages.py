"""Saved filters, sign-in links, when a report was last made."""

from __future__ import annotations

from alembic import op

from server.store.web_tables import PAGES

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    PAGES.create_all(op.get_bind())
