"""Alembic's entry: runs on the connection that `app.cli.db` hands over."""

from alembic import context

import models.tables  # noqa: F401  (every table is known)
from models.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
