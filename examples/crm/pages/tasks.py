"""The CRM's own to-do list: mine and, for those who lead others, the team's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ..clock import today
from ..extensions import db
from ..models import Task, User

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

LONGEST_TITLE = 200


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def index() -> str:
    return tasks_page()


@blueprint.post("/")
@login_required  # type: ignore[untyped-decorator]
def add() -> Response | tuple[str, int]:
    title, due_on = request.form.get("title", "").strip(), request.form.get("due_on", "").strip()
    if not title or len(title) > LONGEST_TITLE:
        return tasks_page(error=f"A task needs a title of at most {LONGEST_TITLE} characters."), 422
    try:
        due = date.fromisoformat(due_on) if due_on else None
    except ValueError:
        return tasks_page(error="That is not a date."), 422
    db.session.add(Task(title=title, due_on=due, assignee_id=current_user.id))
    db.session.commit()
    flash("The task is on your list.")
    return redirect(url_for("tasks.index"))


@blueprint.post("/<int:task_id>/toggle")
@login_required  # type: ignore[untyped-decorator]
def toggle(task_id: int) -> Response:
    """Mark a task done, or open again if it was."""
    task = db.session.get(Task, task_id)
    if task is None or not is_led(task, current_user):
        abort(404)
    task.done_at = None if task.done_at else datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    db.session.commit()
    flash("Done." if task.done_at else "The task is open again.")
    return redirect(url_for("tasks.index"))


def tasks_page(error: str | None = None) -> str:
    recently = datetime.combine(today() - timedelta(days=14), datetime.min.time())
    rows = (
        sa.select(Task)
        .where(sa.or_(Task.done_at.is_(None), Task.done_at >= recently))
        .options(joinedload(Task.assignee), joinedload(Task.contact))
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
    )
    tasks = [task for task in db.session.scalars(rows) if is_led(task, current_user)]
    return render_template(
        "tasks.html",
        mine=[task for task in tasks if task.assignee_id == current_user.id and not task.done_at],
        others=[task for task in tasks if task.assignee_id != current_user.id and not task.done_at],
        done=[task for task in tasks if task.done_at and task.assignee_id == current_user.id],
        error=error,
    )


def is_led(task: Task, user: User) -> bool:
    """Whether the task is the user's own or belongs to somebody they lead."""
    return user.led_user_ids is None or task.assignee_id in user.led_user_ids
