"""A migration environment of bare Alembic, as `alembic init` would lay it out, for one engine and one MetaData."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

ENVIRONMENT = """
from alembic import context
options = context.config.attributes
with options["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=options["metadata"], **options["configure"])
    with context.begin_transaction():
        context.run_migrations()
"""

SCRIPT = '''"""${message}"""
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
def upgrade():
    ${upgrades if upgrades else "pass"}
def downgrade():
    ${downgrades if downgrades else "pass"}
'''


class AlembicProject:
    """``configure``: what its ``env.py`` gives to ``context.configure`` beside connection and MetaData."""

    def __init__(self, folder: Path, engine: sa.Engine, metadata: sa.MetaData, **configure: Any) -> None:
        (folder / "versions").mkdir(parents=True)
        (folder / "env.py").write_text(ENVIRONMENT)
        (folder / "script.py.mako").write_text(SCRIPT)
        self._configure = {"render_as_batch": True, **configure}
        self._config = Config()
        self._config.set_main_option("script_location", str(folder))
        self._config.set_main_option("path_separator", "os")
        self.engine, self.metadata = engine, metadata

    def _prepared(self) -> Config:
        attributes = {"engine": self.engine, "metadata": self.metadata, "configure": self._configure}
        self._config.attributes.update(attributes)
        return self._config

    def autogenerate(self) -> str:
        """Write the next migration; the text of it."""
        script: Any = command.revision(self._prepared(), "the plugin", autogenerate=True)
        return Path(script.path).read_text()

    def upgrade(self) -> None:
        command.upgrade(self._prepared(), "head")

    def downgrade(self, revision: str = "base") -> None:
        command.downgrade(self._prepared(), revision)

    def differences(self, **options: Any) -> list[Any]:
        """What the next autogenerate would still write, by the strictest comparison there is."""
        strict = {"compare_type": True, "compare_server_default": True, **self._configure, **options}
        with self.engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection, opts=strict), self.metadata))


def operations(script: str) -> Mapping[str, list[str]]:
    """The operations of a migration's two directions, in their order, without those that only open a batch."""
    up, down = script.split("def downgrade")
    return {"up": _operations(up), "down": _operations(down)}


def _operations(text: str) -> list[str]:
    found = re.findall(r"(?:op|batch_op)\.(\w+)\(", text)
    return [name for name in found if name not in ("f", "batch_alter_table")]
