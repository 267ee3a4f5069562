"""The views Flask-AppBuilder makes of the models: lists, forms, and deleting."""

from __future__ import annotations

from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface

from .models import Company, Contact, Task


class ContactView(ModelView):  # type: ignore[misc]
    datamodel = SQLAInterface(Contact)
    base_filters = [["is_retired", FilterEqual, False]]
    list_columns = ["first_name", "last_name", "email", "telephone", "company"]
    add_columns = edit_columns = [*list_columns, "is_retired"]


class CompanyView(ModelView):  # type: ignore[misc]
    datamodel = SQLAInterface(Company)
    list_columns = ["name"]
    add_columns = edit_columns = list_columns
    related_views = [ContactView]


class TaskView(ModelView):  # type: ignore[misc]
    datamodel = SQLAInterface(Task)
    list_columns = ["title", "due", "state", "assignee", "contact"]
    add_columns = edit_columns = list_columns
