"""The first tables: practices, facts, lines, packets, people, tokens."""

from __future__ import annotations

from alembic import op

from server.store.tables import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
