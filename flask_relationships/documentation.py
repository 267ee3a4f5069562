"""The addresses of the documentation and of the project, and how messages refer to a page.

This is the only place for them. Other modules name a section by its file and anchor, as in ``mapping.md#forms``.
"""

from __future__ import annotations

DOCUMENTATION_URL: str | None = None
"""The address below which the built documentation is published, without a slash at its end. None: it is not."""

PROJECT_URL: str | None = None
"""The address of the project. None: it is not published. ``project.urls`` of pyproject.toml is left out until then."""

PAGES = {
    "command-line": "Command line",
    "configuration": "Configuration",
    "configuration-errors": "Configuration errors",
    "errors": "Errors",
    "interface": "User interface",
    "life-events": "Life events",
    "mapping": "Map your models",
    "messages": "Messages",
    "migrations": "Migrations",
    "permissions": "Permissions and scopes",
    "quickstart": "Quickstart",
    "scheduled-jobs": "Scheduled jobs",
    "webhooks": "Webhooks",
}
"""The title of each page that messages refer to, by its file without the suffix."""

SECTIONS = {
    "command-line.md#check": "check",
    "configuration.md#the-public-address": "The public address",
    "configuration.md#twilio": "Twilio",
    "errors.md#configuration-errors": "Configuration errors",
    "interface.md#built-in-pages": "Built-in pages",
    "life-events.md#birthdays-from-your-contacts": "Birthdays from your contacts",
    "life-events.md#dates": "Dates",
    "mapping.md#clientprofilemapping": "ClientProfileMapping",
    "mapping.md#deleted-and-hidden-rows": "Deleted and hidden rows",
    "mapping.md#fields": "Fields",
    "mapping.md#forms": "Forms",
    "mapping.md#when-a-row-is-deleted": "When a row is deleted",
    "messages.md#phone-numbers": "Phone numbers",
    "messages.md#transports": "Transports",
    "migrations.md#databases": "Databases",
    "migrations.md#sqlite": "SQLite",
    "migrations.md#with-flask-migrate-or-alembic": "With Flask-Migrate or Alembic",
    "migrations.md#your-own-tables": "Your own tables",
    "permissions.md#action-scope": "Action scope",
    "permissions.md#csrf": "CSRF",
    "permissions.md#current-user": "Current user",
    "permissions.md#permission-callback": "Permission callback",
    "quickstart.md#without-flask-sqlalchemy": "Without Flask-SQLAlchemy",
    "scheduled-jobs.md#celery": "Celery",
    "scheduled-jobs.md#options-and-report": "Options and report",
    "scheduled-jobs.md#unconfirmed-messages": "Unconfirmed messages",
    "scheduled-jobs.md#ways-to-run-the-jobs": "Ways to run the jobs",
    "webhooks.md#log-in-hooks": "Log-in hooks",
    "webhooks.md#set-up": "Set-up",
    "webhooks.md#tenants-and-senders": "Tenants and senders",
    "webhooks.md#visibility-of-unmatched-messages": "Visibility of unmatched messages",
}
"""The heading of each section that messages refer to. Sections of `configuration-errors` are the codes themselves."""


def reference(section: str) -> str:
    """Return how a message refers to a section of the documentation.

    :param section: the file of the page and the anchor of the section, as in ``mapping.md#forms``.
    :returns: the address of the section, or the titles of page and section while the documentation has no address.
    :raises KeyError: for a page or section that is not in `PAGES` and `SECTIONS`.
    """
    file, _, anchor = section.partition("#")
    page = file.removesuffix(".md")
    title = PAGES[page]
    heading = anchor if page == "configuration-errors" else SECTIONS[section]
    if DOCUMENTATION_URL is not None:
        return f"{DOCUMENTATION_URL}/{page}.html#{anchor}"
    return f"{title}, section {heading}"
