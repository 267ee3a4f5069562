"""Django REST Framework: what a settings module says, which comes before the models and views of `django_crm`."""

from __future__ import annotations

from typing import Any

import django
import sqlalchemy as sa
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .servers import PRAGMAS

BACKENDS = {"sqlite": "sqlite3", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


def make_app(url: str) -> Any:
    """The application; there is one in a process, on one database."""
    settings.configure(
        SECRET_KEY="for measuring",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=f"{__package__}.django_crm.views",
        INSTALLED_APPS=["rest_framework", f"{__package__}.django_crm"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        USE_TZ=False,
        DATABASES={"default": _database(sa.make_url(url))},
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [f"{__package__}.django_crm.login.SignedCookie"],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
            "UNAUTHENTICATED_USER": None,
        },
    )
    django.setup()
    return get_wsgi_application()


def _database(url: sa.URL) -> dict[str, Any]:
    backend = BACKENDS[url.get_backend_name()]
    options: dict[str, Any] = {"sqlite3": {"init_command": "; ".join(PRAGMAS)}}.get(backend, {})
    if backend == "mysql":  # Django knows MySQL's C driver alone
        import pymysql

        pymysql.version_info = (2, 2, 7, "final", 0)
        pymysql.install_as_MySQLdb()
        options = {"charset": "utf8mb4"}
    return {
        "ENGINE": f"django.db.backends.{backend}",
        "NAME": url.database,
        "USER": url.username or "",
        "PASSWORD": url.password or "",
        "HOST": url.host or url.query.get("host", ""),
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": options,
    }
