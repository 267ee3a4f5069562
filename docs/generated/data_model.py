"""The page of the data model: every table and column, from the classes that the package builds.

A table or a column without a meaning here is a KeyError while the page is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from docs.generated.markdown import table
from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

HOSTS = {"contact": "your contacts", "company": "your companies", "user": "your users"}
"""The tables of the application."""

TABLES = {
    "profiles": "The relationship profile of a contact. A contact has at most one.",
    "life_events": "A life event: the rule from which occurrences follow.",
    "actions": "An action: one piece of work, added by hand or by a life event.",
    "action_changes": "A line of an action's history. Lines are only added.",
    "action_centre_items": "The copy of an action in the action centre, as it was last written there.",
    "messages": "A message to or from a contact. This table is the send queue too.",
    "message_counts": "The number of messages written within one window of a limit.",
    "consent_entries": "A line of the consent ledger. Lines are only added and outlive the contact.",
    "suppressions": "A number that said STOP. It belongs to no contact.",
    "contact_numbers": "A phone number of a contact, copied from your table so that it can be searched.",
    "idempotency_keys": "One use of an `Idempotency-Key`, with the answer of its request.",
    "calendar_feeds": "A calendar that a user subscribes to.",
    "sent_digests": "Marks that the digest of a day was delivered to a user.",
    "runs": "The last run of the scheduled jobs, one row for each way to run them.",
    "refreshes": "The time of the last complete pass of a job that reads all contacts.",
    "partners": "A partner of a client company.",
    "client_profiles": "Marks a company as a client. Not created if you map your own record of clients.",
}

COMMON = {
    "id": "Primary key, a UUID of version 7.",
    "contact_id": "The contact.",
    "company_id": "The company.",
    "created_at": "Time of creation.",
    "updated_at": "Time of the last change.",
    "revision": "Number that rises with each change by a client; the `ETag`.",
    "title": "Title.",
    "description": "Description.",
    "created_by_user_id": "The user who created the row.",
    "life_event_id": "The life event of an auto-action.",
    "action_id": "The action.",
    "user_id": "The user.",
    "number_key": "Comparison key of the number. Empty in rows of 0.1 until a job fills it in.",
}
"""The meaning of columns that several tables have."""

COLUMNS = {
    "profiles": {
        "communication_preference": "Preferred channel, as text.",
        "communication_notes": "Notes about communication.",
        "personal_notes": "Personal notes.",
        "birthday_month_day": "Birthday as month and day: 515 is 15 May.",
        "birthday_year": "Year of birth.",
        "birthday_in_full": "Whether `birthday` was given with its year.",
        "birthday_year_source": "Which member set the year: `birthday` or `birthday_year`.",
        "birthday_source": "`crm` while the birthday follows your contact, `edited` after a change in the profile.",
        "birthday_owed": "Whether the birthday's life event still has to be brought up to date.",
        "home_address": "Home address.",
        "interests": "Interests, a list of texts.",
        "dietary_requirements": "Dietary requirements.",
        "preferred_name": "Preferred name.",
        "assistant_name": "Name of the assistant.",
        "assistant_email": "E-mail address of the assistant.",
        "phone_number": "Phone number as it was entered.",
        "whatsapp_number": "WhatsApp number as it was entered.",
        "phone_e164": "Phone number in E.164; empty if it cannot be parsed.",
        "whatsapp_e164": "WhatsApp number in E.164; empty if it cannot be parsed.",
        "phone_key": "Comparison key of the phone number.",
        "whatsapp_key": "Comparison key of the WhatsApp number.",
        "phone_number_source": "`crm` while the phone follows your contact, `edited` after a change in the profile.",
        "phone_unreachable_since": "Since when the provider reports that the phone number cannot receive messages.",
        "whatsapp_unreachable_since": "The same for the WhatsApp number.",
        "twilio_opt_in": "Whether the contact has opted in to messages.",
        "consent_changed_at": "Time of the last change of the opt-in.",
        "last_message_at": "Time of the last message.",
        "last_contact_at": "Time of the last contact.",
        "last_contact_day": "Day of the last contact, as a day number (`date.toordinal()`).",
        "last_contact_channel": "Channel of the last contact.",
        "last_contact_by_user_id": "The user who was in touch last.",
        "cadence_days": "How often to be in touch, in days.",
        "cadence_since_day": "Day on which the cadence was set, as a day number.",
        "cadence_set_by_user_id": "The user who set the cadence.",
        "in_touch_due_day": "Day on which somebody should be in touch again, as a day number.",
        "in_touch_remind_day": "Day on which the reminder is created, as a day number.",
        "in_touch_user_known": "Whether `in_touch_user_id` has been compared with the contact's owner.",
        "in_touch_user_id": "Copy of the contact's owner.",
    },
    "life_events": {
        "event_type": "Type, such as `birthday`.",
        "event_date": "Civil date of the event.",
        "month_day": "Month and day of an annual event: 515 is 15 May.",
        "recurs_annually": "Whether the event recurs each year.",
        "about": "Name of the person the event concerns, if that is not the contact.",
        "auto_action_enabled": "Whether auto-actions are created.",
        "auto_action_days_before": "Lead days of the auto-action.",
        "further_reminders": "Lead days of further reminders, a list of numbers.",
        "next_reminder": "Day on which the next auto-action is created.",
        "profile_id": "The profile, if the event is its birthday.",
    },
    "actions": {
        "action_type": "Type, such as `call` or `gift`.",
        "message_body": "Drafted message.",
        "due_date": "Due date.",
        "due": "Sort date: the due date, or 9999-12-31 without one.",
        "status": "`pending`, `done` or `dismissed`.",
        "source": "`manual` or `auto`.",
        "occurrence_date": "Date of the occurrence of an auto-action.",
        "occurrence_key": "Key of the occurrence: its date, `undated` or `manual`.",
        "reminder_slot": "Which reminder of the event created the action.",
        "days_before": "Lead days with which the action was created.",
        "closed_by": "What closed the action: a user, a message, the package or a task.",
        "completed_at": "Time at which the action was closed.",
        "completed_by_user_id": "The user who closed the action.",
        "assigned_to_user_id": "The user to whom the action is assigned.",
        "claimed_by_message_id": "The message that is being sent to complete the action.",
        "set_by_hand": "Columns of an auto-action that a person has changed.",
        "change_id": "A new value with each change, for conditional updates.",
        "profile_id": "The profile, if the action is a reminder to keep in touch.",
    },
    "action_changes": {
        "kind": "Kind of change, such as `reassigned`.",
        "by": "`user`, `message`, `plugin` or `task`.",
        "changes": "JSON of `{column: [before, after]}`.",
        "assigned_before_id": "The assignee before the change.",
        "assigned_after_id": "The assignee after the change.",
        "company_before_id": "The company before the change.",
        "company_after_id": "The company after the change.",
    },
    "action_centre_items": {
        "due_date": "Due date.",
        "due": "Sort date: the due date, or 9999-12-31 without one.",
        "status": "`open`, `done` or `dismissed`.",
        "task_key": "Key of your own task, as text.",
        "behind": "Pending sync: `mirror` or `sync` if the action centre has failed and must be called again.",
        "assigned_to_user_id": "The user to whom the action is assigned.",
    },
    "messages": {
        "direction": "`outbound` or `inbound`.",
        "channel": "`sms`, `whatsapp` or `mms`.",
        "body": "Text.",
        "media_url": "Address of the media of an outbound MMS.",
        "from_number": "Sender.",
        "to_number": "Recipient.",
        "sender_number": "Sender that an outbound message was written for, if it is not the configured one.",
        "messaging_service_sid": "Messaging Service of the message.",
        "tenant": "Tenant of the sender, as text.",
        "address_key": "Comparison key of the other party's number.",
        "status": "Status, see [Statuses](messages.md#statuses).",
        "status_rank": "Rank of the status. A status only rises.",
        "attempt": "Number of calls to the provider.",
        "error_code": "Error code of the provider.",
        "error_message": "Explanation of the error.",
        "provider_sid": "Id of the message at the provider.",
        "num_segments": "Number of SMS segments.",
        "content_sid": "Id of the WhatsApp template.",
        "content_variables": "Variables of the template.",
        "media": "Files of an inbound message, a list of `{url, content_type}`.",
        "candidates": "Messages of the provider's list that an unconfirmed message may be.",
        "status_requests": "How often the provider was asked for the status.",
        "location": "Place of an inbound message.",
        "payload": "Id of the button or list entry that the contact chose.",
        "delivered_via": "`rcs` if the provider used RCS.",
        "outside_whatsapp_window": "Whether the 24-hour window was closed when the message was written.",
        "attempted_at": "Time of the last call to the provider.",
        "not_before": "Time before which the message is not sent.",
        "matched_at": "Time at which an unmatched message was given to a contact.",
        "auto_action_id": "The action that the message completes.",
        "sent_by_user_id": "The user who wrote the message.",
        "sent_at": "Time at which the provider accepted or sent the message.",
        "delivered_at": "Time of delivery.",
        "read_at": "Time at which the recipient read the message.",
    },
    "message_counts": {
        "scope": "Digest of what the limit applies to.",
        "begins_at": "Beginning of the window.",
        "ends_at": "End of the window.",
        "count": "Number of messages.",
    },
    "consent_entries": {
        "number": "The number, as it was received.",
        "channel": "The channel; empty for an opt-in, which covers all channels.",
        "event": "`opt_in`, `opt_out`, `stop`, `start` or `refused`.",
        "source": "`staff` or the words of the user, `number_changed`, `recipient` or `provider`.",
        "evidence": "Evidence.",
        "actor_user_id": "The user who recorded the line.",
    },
    "suppressions": {
        "number": "The number, as it was received.",
        "channel": "The channel on which STOP was received. The suppression covers all channels.",
        "reason": "`stop` or `refused`.",
        "lifted_at": "Time of a START; empty while the suppression holds.",
    },
    "contact_numbers": {
        "source": "`crm`: your table.",
        "number": "The number in E.164.",
        "read_at": "Time at which the number was read.",
    },
    "idempotency_keys": {
        "scope": "Digest of user, method, path and key.",
        "body_digest": "Digest of the request's body.",
        "status": "Status of the answer; empty while the request is in flight.",
        "answer": "Body of the answer.",
        "leased_until": "Time until which the request in flight holds the key.",
        "message_id": "The message that the request has written.",
    },
    "calendar_feeds": {
        "scope": "`own`, or the digest of the company's key.",
        "token_hash": "SHA-256 of the secret in the address.",
        "last_read_at": "Time of the last request.",
    },
    "sent_digests": {"day": "Day of the digest."},
    "runs": {
        "runner": "`command`, `worker`, `celery` or `code`.",
        "began_at": "Beginning of the last run.",
        "ended_at": "End of the last run.",
        "succeeded_at": "Beginning of the last run in which all jobs succeeded.",
        "lag": "Seconds since the run before it.",
        "failed": "Names of the jobs that failed.",
    },
    "refreshes": {"name": "Name of the pass.", "done_at": "Time at which it was complete."},
    "partners": {
        "partner_company_name": "Name of the partner company.",
        "partner_contact_name": "Name of the person there.",
        "partner_contact_email": "E-mail address of that person.",
        "relationship_type": "Kind of relationship.",
        "estimated_deal_size": "Estimated deal size.",
        "notes": "Notes.",
        "contact_id": "The contact who is that person.",
        "linked_at": "Time at which the contact was linked.",
    },
    "client_profiles": {},
}


@cache
def tables() -> tuple[sa.Table, ...]:
    """Return the tables of an application that maps contacts, companies and users with integer keys."""

    class Base(DeclarativeBase):
        pass

    class Contact(Base):
        __tablename__ = "contact"
        id: Mapped[int] = mapped_column(primary_key=True)

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Company(Base):
        __tablename__ = "company"
        id: Mapped[int] = mapped_column(primary_key=True)

    contact = ContactMapping(Contact, first_name=None, last_name=None, email=None, phone=None, company=None)
    company, user = CompanyMapping(Company, name=None), UserMapping(User, name=None)
    return tuple(Relationships(session=Session, contact=contact, company=company, user=user).models.tables)


PREFIX = "relationships_"


def data_model() -> str:
    """Return one section for each table, with its columns, unique keys and indexes."""
    return "\n\n".join("\n\n".join(_section(each)) for each in tables())


def diagram() -> str:
    """Return a tree of the tables by the row that each is deleted with, as a block of text."""
    lines = ["```text"]
    for host, words in HOSTS.items():
        lines += [f"{host} ({words})", *_children(host, ""), ""]
    alone = [each.name for each in tables() if not any(_owners(each))]
    lines += ["deleted by the scheduled jobs or never", *_branches(sorted(alone), "")]
    return "\n".join([*lines, "```"])


def _children(parent: str, indent: str) -> Iterator[str]:
    found = [each.name for each in tables() if parent in _owners(each)]
    yield from _branches(found, indent, descend=True)


def _branches(names: list[str], indent: str, *, descend: bool = False) -> Iterator[str]:
    for name in names:
        last = name == names[-1]
        yield f"{indent}{'└── ' if last else '├── '}{name}"
        if descend:
            yield from _children(name, indent + ("    " if last else "│   "))


def _owners(each: sa.Table) -> list[str]:
    """The tables whose deletion deletes a row of this one."""
    return [key.column.table.name for key in _keys(each) if key.ondelete == "CASCADE"]


def _keys(each: sa.Table) -> list[sa.ForeignKey]:
    return [key for column in each.columns for key in column.foreign_keys]


def _section(each: sa.Table) -> Iterator[str]:
    short = each.name.removeprefix(PREFIX)
    yield f"### {each.name}"
    yield TABLES[short]
    rows = ((f"`{column.name}`", _type(column), _meaning(short, column), _reference(column)) for column in each.columns)
    yield table(("Column", "Type", "Meaning", "Reference"), rows)
    unique = [_names(key.columns) for key in each.constraints if isinstance(key, sa.UniqueConstraint)]
    yield "Unique: " + ("; ".join(sorted(unique)) or "only the primary key") + "."
    indexes = sorted(_names(index.columns) for index in each.indexes)
    if indexes:
        yield "Indexes: " + "; ".join(indexes) + "."


def _meaning(short: str, column: sa.Column[object]) -> str:
    return COLUMNS[short].get(column.name) or COMMON[column.name]


def _type(column: sa.Column[object]) -> str:
    if any(key.column.table.name in HOSTS for key in column.foreign_keys):
        words = "your key"
    else:
        words = str(column.type.compile()).lower().replace("char(32)", "uuid").replace("datetime", "time in UTC")
    return words + (", nullable" if column.nullable else "")


def _reference(column: sa.Column[object]) -> str:
    effects = {"CASCADE": "deleted with it", "SET NULL": "set to null"}
    return "; ".join(
        f"`{key.column.table.name}`, {effects[str(key.ondelete)]}"
        for key in sorted(column.foreign_keys, key=lambda key: str(key.target_fullname))
    )


def _names(columns: object) -> str:
    return ", ".join(f"`{getattr(column, 'name', column)}`" for column in columns)  # type: ignore[attr-defined]
