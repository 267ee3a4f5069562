"""Alembic's environment: migrations run in the database of the application that Flask-Migrate belongs to."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app


def drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Let ``flask db migrate`` write nothing where nothing has changed; ``flask db check`` says so itself."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives.clear()
        print("No changes.")


settings = current_app.extensions["migrate"]
options = {
    "target_metadata": settings.db.metadata,
    "process_revision_directives": drop_empty,
    **settings.configure_args,
}

with settings.db.engine.connect() as connection:
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()
