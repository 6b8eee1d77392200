"""Files that were taken in: each once, and the bytes of claim files sealed, for packets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, insert, select

from server.store.engine import now
from server.store.errors import NotThereError
from server.store.sealing import Sealer, place
from server.store.tables import document_parts, documents

PART_BYTES = 1 << 20


def put(
    connection: Connection,
    sealer: Sealer,
    practice: str,
    kind: str,
    name: str,
    content: bytes,
    who: str,
    keep: bool,
) -> int:
    """Note that a file was taken in; its id, the old one where it was before. `keep`s its bytes."""
    digest = hashlib.sha256(content).hexdigest()
    standing = _find(connection, sealer, practice, digest)
    if standing is not None:
        return standing
    identity = sealer.blind("document", digest)
    made: int = connection.execute(
        insert(documents)
        .values(
            practice=practice,
            identity=identity,
            kind=kind,
            size=len(content),
            taken_at=now(),
            taken_by=who,
            sealed=sealer.seal_json(
                {"name": name, "digest": digest}, place("documents", practice, identity)
            ),
        )
        .returning(documents.c.id)
    ).scalar_one()
    if keep:
        for number, part in enumerate(_parts(content)):
            sealed = sealer.seal(part, place("document_parts", practice, f"{made}/{number}"))
            connection.execute(
                insert(document_parts).values(document=made, number=number, sealed=sealed)
            )
    return made


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PART_BYTES):
        yield content[start : start + PART_BYTES]


def _find(connection: Connection, sealer: Sealer, practice: str, digest: str) -> int | None:
    return connection.scalar(
        select(documents.c.id).where(
            documents.c.practice == practice,
            documents.c.identity.in_(sealer.blinds("document", digest)),
        )
    )


def content(connection: Connection, sealer: Sealer, practice: str, digest: str) -> bytes:
    """The bytes of a kept file by its SHA-256 (hex); raises NotThereError."""
    found = _find(connection, sealer, practice, digest)
    query = (
        select(document_parts.c.number, document_parts.c.sealed)
        .where(document_parts.c.document == found)
        .order_by(document_parts.c.number)
    )
    parts = [
        sealer.unseal(sealed, place("document_parts", practice, f"{found}/{number}"))
        for number, sealed in connection.execute(query)
    ]
    if found is None or not parts:
        raise NotThereError("the original file is not kept here")
    return b"".join(parts)
