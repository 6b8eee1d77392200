"""Errors a person reads: one line that says what is wrong and where."""


class RemitlensError(Exception):
    """Base of every error that is ours to explain."""


class UserError(RemitlensError):
    """Bad input or a missing part of the surroundings; the command line exits with code 2.

    The message is one line, names what and where, and never holds a patient's value.
    """


class SettingsError(UserError):
    """A setting, payer or portal file that cannot be used: names file and line."""
