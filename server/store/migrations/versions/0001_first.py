"""The first tables: practices, facts, lines, packets, people, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CENTS = sa.BigInteger()


def upgrade() -> None:
    """In the order in which they refer to each other."""
    _people()
    _practices()
    _replies()
    _rotation_steps()
    _store_keys()
    _cohorts()
    _counters()
    _documents()
    _lines()
    _links()
    _packets()
    _pairing_codes()
    _person_roles()
    _sessions()
    _tallies()
    _tokens()
    _document_parts()
    _events()
    _facts()
    _matches()
    _packet_lines()
    _token_practices()


def practice() -> sa.Column[str]:
    """Every row belongs to a practice."""
    return sa.Column("practice", sa.String(length=64), nullable=False)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", BIG_ID, server_default=sa.text("0"), nullable=False),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("login", name="uq_people_login"),
        sa.UniqueConstraint("oidc_subject", name="uq_people_oidc_subject"),
        sqlite_autoincrement=True,
    )


def _practices() -> None:
    op.create_table(
        "practices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("match_secret", sa.LargeBinary(), nullable=False),
        sa.Column("version", BIG_ID, server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practices"),
    )


def _replies() -> None:
    op.create_table(
        "replies",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_replies"),
    )
    op.create_index("ix_replies_at", "replies", ["at"], unique=False)


def _rotation_steps() -> None:
    op.create_table(
        "rotation_steps",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rotation_steps"),
    )


def _store_keys() -> None:
    op.create_table(
        "store_keys",
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_store_keys"),
    )


def _cohorts() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("denied", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_cohorts_practice_practices"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cohorts"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cohorts_due",
        "cohorts",
        ["practice", "id"],
        unique=False,
        sqlite_where=sa.text("due AND denied"),
        postgresql_where=sa.text("due AND denied"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        practice(),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_counters_practice_practices"
        ),
        sa.PrimaryKeyConstraint("practice", "name", name="pk_counters"),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("size", BIG_ID, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("taken_by", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_documents_practice_practices"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("practice", "identity", name="uq_documents_practice_identity"),
    )


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("cohort", BIG_ID, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("claim_key", sa.LargeBinary(), nullable=False),
        sa.Column("member_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_key", sa.LargeBinary(), nullable=True),
        sa.Column("payer", sa.String(length=80), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("procedure", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("charge", CENTS, nullable=True),
        sa.Column("amount", CENTS, nullable=False),
        sa.Column("groups", sa.String(length=40), nullable=False),
        sa.Column("carcs", sa.Text(), nullable=False),
        sa.Column("rarcs", sa.Text(), nullable=False),
        sa.Column("denied_on", sa.Date(), nullable=True),
        sa.Column("produced", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("paid", CENTS, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("route", sa.String(length=24), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("recovered", CENTS, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("assignee", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("worked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["practice"], ["practices.id"], name="fk_lines_practice_practices"),
        sa.PrimaryKeyConstraint("id", name="pk_lines"),
        sa.UniqueConstraint("practice", "identity", name="uq_lines_practice_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lines_all", "lines", ["practice", "id"], unique=False)
    op.create_index(
        "ix_lines_assignee",
        "lines",
        ["practice", "assignee", "due", "id"],
        unique=False,
        sqlite_where=sa.text("assignee <> ''"),
        postgresql_where=sa.text("assignee <> ''"),
    )
    op.create_index("ix_lines_claim_key", "lines", ["practice", "claim_key"], unique=False)
    op.create_index("ix_lines_cohort", "lines", ["practice", "cohort"], unique=False)
    op.create_index(
        "ix_lines_due",
        "lines",
        ["practice", "due", "id"],
        unique=False,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_index("ix_lines_member_key", "lines", ["practice", "member_key"], unique=False)
    op.create_index("ix_lines_name_key", "lines", ["practice", "name_key"], unique=False)
    op.create_index("ix_lines_payer", "lines", ["practice", "payer", "due", "id"], unique=False)
    op.create_index("ix_lines_produced", "lines", ["practice", "produced", "id"], unique=False)
    op.create_index("ix_lines_reason", "lines", ["practice", "reason", "due", "id"], unique=False)
    op.create_index("ix_lines_state", "lines", ["practice", "state", "due", "id"], unique=False)
    op.create_index(
        "ix_lines_priority",
        "lines",
        ["practice", sa.text("priority DESC"), "due", "id"],
        unique=False,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_index(
        "ix_lines_amount",
        "lines",
        ["practice", sa.text("amount DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )


def _links() -> None:
    op.create_table(
        "links",
        practice(),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("cohort", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["practice"], ["practices.id"], name="fk_links_practice_practices"),
        sa.PrimaryKeyConstraint("practice", "link", name="pk_links"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_links_cohort", "links", ["practice", "cohort"], unique=False)


def _packets() -> None:
    op.create_table(
        "packets",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("claim_key", sa.LargeBinary(), nullable=False),
        sa.Column("cohort", BIG_ID, nullable=False),
        sa.Column("route", sa.String(length=24), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_packets_practice_practices"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_packets"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_packets_cohort", "packets", ["practice", "cohort"], unique=False)
    op.create_index(
        "uq_packets_live",
        "packets",
        ["practice", "claim_key"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def _pairing_codes() -> None:
    op.create_table(
        "pairing_codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", BIG_ID, nullable=True),
        sa.Column("practices", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_pairing_codes_person_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_pairing_codes"),
    )


def _person_roles() -> None:
    op.create_table(
        "person_roles",
        sa.Column("person", BIG_ID, nullable=False),
        practice(),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_person_roles_person_people", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_person_roles_practice_practices"
        ),
        sa.PrimaryKeyConstraint("person", "practice", name="pk_person_roles"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_sessions_person_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"], unique=False)


def _tallies() -> None:
    op.create_table(
        "tallies",
        practice(),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=80), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("lines", BIG_ID, nullable=False),
        sa.Column("amount", CENTS, nullable=False),
        sa.Column("recovered", CENTS, nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_tallies_practice_practices"
        ),
        sa.PrimaryKeyConstraint("practice", "state", "reason", "payer", name="pk_tallies"),
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", BIG_ID, nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_tokens_person_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_person", "tokens", ["person"], unique=False)


def _document_parts() -> None:
    op.create_table(
        "document_parts",
        sa.Column("document", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["documents.id"],
            name="fk_document_parts_document_documents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document", "number", name="pk_document_parts"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("line", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fact_identity", sa.LargeBinary(), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["line"], ["lines.id"], name="fk_events_line_lines", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_events_practice_practices"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_line", "events", ["line"], unique=False)


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", BIG_ID, nullable=False),
        practice(),
        sa.Column("cohort", BIG_ID, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("position", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("document", BIG_ID, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name="fk_facts_document_documents"),
        sa.ForeignKeyConstraint(["practice"], ["practices.id"], name="fk_facts_practice_practices"),
        sa.PrimaryKeyConstraint("id", name="pk_facts"),
        sa.UniqueConstraint("practice", "identity", name="uq_facts_practice_identity"),
    )
    op.create_index("ix_facts_cohort", "facts", ["practice", "cohort"], unique=False)
    op.create_index("ix_facts_document", "facts", ["document"], unique=False)


def _matches() -> None:
    op.create_table(
        "matches",
        practice(),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("line", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["line"], ["lines.id"], name="fk_matches_line_lines", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_matches_practice_practices"
        ),
        sa.PrimaryKeyConstraint("practice", "hash", "line", name="pk_matches"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_matches_line", "matches", ["line"], unique=False)


def _packet_lines() -> None:
    op.create_table(
        "packet_lines",
        sa.Column("packet", BIG_ID, nullable=False),
        sa.Column("line", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["line"], ["lines.id"], name="fk_packet_lines_line_lines", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["packet"], ["packets.id"], name="fk_packet_lines_packet_packets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("packet", "line", name="pk_packet_lines"),
    )
    op.create_index("ix_packet_lines_line", "packet_lines", ["line"], unique=False)


def _token_practices() -> None:
    op.create_table(
        "token_practices",
        sa.Column("token", BIG_ID, nullable=False),
        practice(),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_token_practices_practice_practices"
        ),
        sa.ForeignKeyConstraint(
            ["token"], ["tokens.id"], name="fk_token_practices_token_tokens", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", "practice", name="pk_token_practices"),
    )
