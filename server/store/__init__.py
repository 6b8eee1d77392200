"""What is kept: tables, sealing, queries, the audit trail. See README.md for what others call."""

from server.store.engine import Store, open_store
from server.store.errors import (
    KeyMissingError,
    KeyWrongError,
    NotThereError,
    RefusedError,
    StoreBusyError,
    StoreError,
    StoreFullError,
)

__all__ = [
    "KeyMissingError",
    "KeyWrongError",
    "NotThereError",
    "RefusedError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreFullError",
    "open_store",
]
