"""The command group of one application: ``flask relationships``."""

from __future__ import annotations

import click


class CommandGroup(click.Group):
    """Imports its commands once one is asked for: a server needs none of them, and ``check`` alone has many modules."""

    def __init__(self, name: str) -> None:
        super().__init__(name, help="The relationships tool: check the set-up, make its tables, describe its API.")

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._import()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._import()
        return super().get_command(ctx, cmd_name)

    def _import(self) -> None:
        from ..cli import COMMANDS

        for command in COMMANDS:
            self.add_command(command)
