"""The tables. Every row of a practice names it, from the first migration on.

What tells who a patient is (names, member ids, birth dates, claim and account numbers) stands in
`sealed` columns alone and is found again through blind indexes (`link`, `identity`, `*_key`).
What a worklist sorts and filters by (codes, money, dates of service, states) is clear.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.store.columns import BigId, Cents, Moment

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TRAIL = MetaData()
"""The audit trail. On SQLite it is a file of its own, so that no view waits for an import."""


def _practice(primary: bool = False) -> Column[str]:
    return Column(
        "practice", String(64), ForeignKey("practices.id"), nullable=False, primary_key=primary
    )


practices = Table(
    "practices",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Keys the hashes by which an extension asks for a line: it never sees the store's own keys.
    Column("match_secret", LargeBinary, nullable=False),
    # Goes up with every change of the practice's lines: what a cached answer is good for.
    Column("version", BigId, nullable=False, server_default=text("0")),
)

store_keys = Table(
    "store_keys",
    METADATA,
    Column("key_id", String(8), primary_key=True),
    Column("key_check", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),  # active, retiring
    Column("since", Moment, nullable=False),
)

rotation_steps = Table(
    "rotation_steps",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("after", Text, nullable=False),
    Column("done", Boolean, nullable=False),
)

documents = Table(
    "documents",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    Column("identity", LargeBinary, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", BigId, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("taken_by", String(200), nullable=False),
    # The file's own name, and its SHA-256: what a fact's source cites.
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("practice", "identity"),
)

document_parts = Table(
    "document_parts",
    METADATA,
    Column("document", BigId, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

_due = text("due AND denied")

# No foreign key leads here: to drop one of many cohorts, a database would look through every
# table for rows that still name it.
cohorts = Table(
    "cohorts",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    # Some fact bears a 107: there is something to decide.
    Column("denied", Boolean, nullable=False, server_default=text("false")),
    # Facts came that are not decided yet: survives a kill between intake and decision.
    Column("due", Boolean, nullable=False, server_default=text("false")),
    Index("ix_cohorts_due", "practice", "id", sqlite_where=_due, postgresql_where=_due),
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    METADATA,
    _practice(primary=True),
    Column("link", LargeBinary, primary_key=True),
    Column("key_id", String(8), nullable=False),
    Column("cohort", BigId, nullable=False),
    Index("ix_links_cohort", "practice", "cohort"),
    sqlite_with_rowid=False,
)

facts = Table(
    "facts",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    Column("cohort", BigId, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    # Order in its file (a look: when it was taken): of the same fact twice, which one is kept.
    Column("position", BigId, nullable=False),
    Column("day", Date),
    Column("document", BigId, ForeignKey("documents.id"), index=True),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("practice", "identity"),
    # The practice first, here and below: without statistics SQLite would else rather read a
    # practice whole than look cohorts up.
    Index("ix_facts_cohort", "practice", "cohort"),
)

_open = text("open")


def _milestones(*names: str) -> list[Index]:
    """Lines that came so far, the latest found without reading the others."""
    return [
        Index(
            f"ix_lines_{name}",
            "practice",
            name,
            sqlite_where=text(f"{name} IS NOT NULL"),
            postgresql_where=text(f"{name} IS NOT NULL"),
        )
        for name in names
    ]


lines = Table(
    "lines",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    Column("cohort", BigId, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("claim_key", LargeBinary, nullable=False),
    Column("member_key", LargeBinary),
    Column("name_key", LargeBinary),
    Column("payer", String(80), nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("procedure", String(48), nullable=False),
    Column("modifiers", String(40), nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("charge", Cents),
    Column("amount", Cents, nullable=False),
    Column("groups", String(40), nullable=False),
    Column("carcs", Text, nullable=False),
    Column("rarcs", Text, nullable=False),
    Column("denied_on", Date),
    Column("produced", Date),
    Column("sent_on", Date),
    Column("paid", Cents, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("route", String(24), nullable=False),
    Column("deadline", Date),
    # The deadline, or the end of time where none is known: one order, without NULLs.
    Column("due", Date, nullable=False),
    Column("missing", Text, nullable=False),
    Column("recovered", Cents, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # When the decision last became `ready`, and when it became `resolved`: what a person does with
    # the line moves `changed_at` and neither of these.
    Column("ready_at", Moment),
    Column("paid_at", Moment),
    Column("open", Boolean, nullable=False),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("assignee", String(200), nullable=False, server_default=text("''")),
    Column("worked", Boolean, nullable=False, server_default=text("false")),
    # Of what was decided and of how it is told: a changed line shows without being opened.
    Column("digest", LargeBinary, nullable=False),
    # Who and which claim (a page of lines opens these); steps and evidence (only one line's).
    Column("sealed", LargeBinary, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    UniqueConstraint("practice", "identity"),
    Index("ix_lines_due", "practice", "due", "id", sqlite_where=_open, postgresql_where=_open),
    # Of all lines too, closed ones among them: "every line there is" is a page like another.
    Index("ix_lines_every_due", "practice", "due", "id"),
    Index("ix_lines_every_amount", "practice", text("amount DESC"), "id"),
    Index("ix_lines_state", "practice", "state", "due", "id"),
    Index("ix_lines_state_amount", "practice", "state", text("amount DESC"), "id"),
    Index(
        "ix_lines_worked",
        "practice",
        "due",
        "id",
        sqlite_where=text("worked"),
        postgresql_where=text("worked"),
    ),
    Index(
        "ix_lines_priority",
        "practice",
        text("priority DESC"),
        "due",
        "id",
        sqlite_where=_open,
        postgresql_where=_open,
    ),
    Index(
        "ix_lines_amount",
        "practice",
        text("amount DESC"),
        "id",
        sqlite_where=_open,
        postgresql_where=_open,
    ),
    Index(
        "ix_lines_assignee",
        "practice",
        "assignee",
        "due",
        "id",
        sqlite_where=text("assignee <> ''"),
        postgresql_where=text("assignee <> ''"),
    ),
    Index("ix_lines_payer", "practice", "payer", "due", "id"),
    Index("ix_lines_reason", "practice", "reason", "due", "id"),
    Index("ix_lines_produced", "practice", "produced", "id"),
    *_milestones("ready_at", "paid_at", "sent_on"),
    Index("ix_lines_all", "practice", "id"),
    Index("ix_lines_cohort", "practice", "cohort"),
    Index("ix_lines_claim_key", "practice", "claim_key"),
    Index("ix_lines_member_key", "practice", "member_key"),
    Index("ix_lines_name_key", "practice", "name_key"),
    sqlite_autoincrement=True,
)

tallies = Table(
    "tallies",
    METADATA,
    _practice(primary=True),
    Column("state", String(16), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("payer", String(80), primary_key=True),
    Column("payer_name", Text, nullable=False),
    Column("lines", BigId, nullable=False),
    Column("amount", Cents, nullable=False),
    Column("recovered", Cents, nullable=False),
)

day_sums = Table(
    "day_sums",
    METADATA,
    _practice(primary=True),
    # due: open lines by last day; denied: all lines by first denial; paid: dollars that came back.
    Column("what", String(8), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("lines", BigId, nullable=False),
    Column("amount", Cents, nullable=False),
)

matches = Table(
    "matches",
    METADATA,
    _practice(primary=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("line", BigId, ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_matches_line", "line"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    Column("line", BigId, ForeignKey("lines.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # sent, assign, note, worked, priority
    Column("at", Moment, nullable=False),
    Column("who", String(200), nullable=False),
    # What was set, and what stood there before; a note's text may name a patient.
    Column("sealed", LargeBinary, nullable=False),
    # The mark among the facts that this event made.
    Column("fact_identity", LargeBinary),
    Column("undone_at", Moment),
    Column("undone_by", String(200)),
    sqlite_autoincrement=True,
)

packets = Table(
    "packets",
    METADATA,
    Column("id", BigId, primary_key=True),
    _practice(),
    Column("claim_key", LargeBinary, nullable=False),
    Column("cohort", BigId, nullable=False),
    Column("route", String(24), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    # Which claim, and which charges went in; the files themselves.
    Column("sealed", LargeBinary, nullable=False),
    Column("files", LargeBinary, nullable=False),
    Index(
        "uq_packets_live",
        "practice",
        "claim_key",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
    Index("ix_packets_cohort", "practice", "cohort"),
    sqlite_autoincrement=True,
)

packet_lines = Table(
    "packet_lines",
    METADATA,
    Column("packet", BigId, ForeignKey("packets.id", ondelete="CASCADE"), primary_key=True),
    Column("line", BigId, ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True, index=True),
)

counters = Table(
    "counters",
    METADATA,
    _practice(primary=True),
    Column("name", String(40), primary_key=True),
    Column("value", BigId, nullable=False),
)

people = Table(
    "people",
    METADATA,
    Column("id", BigId, primary_key=True),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2id; "" where only OIDC signs in
    Column("totp", LargeBinary),  # sealed secret
    Column("totp_step", BigId, nullable=False, server_default=text("0")),
    Column("oidc_subject", Text, unique=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", Moment),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

person_roles = Table(
    "person_roles",
    METADATA,
    Column("person", BigId, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    _practice(primary=True),
    Column("role", String(16), nullable=False),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column(
        "person", BigId, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("id", BigId, primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("person", BigId, ForeignKey("people.id", ondelete="CASCADE"), index=True),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("origin", Text, nullable=False, server_default=text("''")),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", String(200)),
    sqlite_autoincrement=True,
)

token_practices = Table(
    "token_practices",
    METADATA,
    Column("token", BigId, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True),
    _practice(primary=True),
)

pairing_codes = Table(
    "pairing_codes",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("person", BigId, ForeignKey("people.id", ondelete="CASCADE")),
    Column("practices", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("used_at", Moment),
)

replies = Table(
    "replies",
    METADATA,
    # Answers kept for a day under an idempotency key, so that a repeated POST changes nothing.
    Column("hash", LargeBinary, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("request", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

audit_rows = Table(
    "audit",
    TRAIL,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("practice", String(64), nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(60), nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_practice", "practice", "id"),
)

audit_head = Table(
    "audit_head",
    TRAIL,
    Column("one", SmallInteger, primary_key=True),
    Column("last", BigId, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
