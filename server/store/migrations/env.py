"""Alembic's entry: runs on the connection that `server.store.engine` hands over."""

from alembic import context

from server.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
