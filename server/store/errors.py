"""What can go wrong with the store, each as one line a person reads."""

from __future__ import annotations

from server.errors import UserError


class StoreError(UserError):
    """The store cannot be opened or used: names what and where, never a value of a record."""


class StoreBusyError(StoreError):
    """Another process holds the store, or its server does not answer: trying again later helps."""


class StoreFullError(StoreError):
    """The disk or quota under the store is full; what was being written is undone."""


class KeyMissingError(StoreError):
    """No key was found where the settings say it is: without it nothing starts."""


class KeyWrongError(StoreError):
    """The key found is not the one this store was sealed with."""


class NotThereError(StoreError):
    """No such line, person, packet or token within the practices asked for."""


class RefusedError(StoreError):
    """A change that its own rules forbid: undoing twice, a used pairing code, a name taken."""
