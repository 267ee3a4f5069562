"""Mistakes in fields and models, and in which of them are mapped."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import relationship

from flask_relationships import (
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    HostTaskActionCentre,
    Relationships,
    Sender,
    TaskMapping,
    UserMapping,
)
from tests.binding.bench import Bench, trap

# --- the fields of a mapping


@trap("attribute_missing", "phone_number", "phone='mobile'")
def a_typing_error_in_an_attribute(bench: Bench) -> None:
    bench.bind(contact=bench.contact(phone="phone_number"))


@trap("attribute_missing", "CompanyMapping.name", "headline")
def an_attribute_that_a_company_does_not_have(bench: Bench) -> None:
    bench.bind(company=CompanyMapping(bench.Company, name="headline"))


@trap("mapping_field_unknown", "mobile", "Did you mean phone?")
def a_field_that_no_mapping_has(bench: Bench) -> None:
    bench.bind(contact=ContactMapping(bench.Contact, mobile="mobile"))


@trap("model_without_table", "dotted path")
def a_class_mapped_to_a_join(bench: Bench) -> None:
    class Employed(bench.db.Model):  # type: ignore[name-defined,misc]
        __table__ = sa.join(bench.Contact.__table__, bench.Company.__table__)
        id = bench.Contact.__table__.c.id
        company_key = bench.Company.__table__.c.id

    bench.bind(contact=ContactMapping(Employed))


@trap("attribute_of_other_model", "company", "relationship.attribute")
def an_attribute_of_another_model(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email=bench.Company.name))


@trap("attribute_of_other_model", "User.id")
def a_link_that_belongs_to_another_model(bench: Bench) -> None:
    bench.bind(contact=bench.contact(owner=bench.User.id))


@trap("relationship_needs_column", "organisation")
def a_relationship_where_a_value_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation"))


@trap("path_not_relationship", "employer", "organisation")
def a_path_that_leads_through_a_column(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="employer.name"))


@trap("path_not_in_sql", "organisation.metadata")
def a_path_that_ends_in_no_column(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation.metadata"))


@trap("method_needs_arguments", "label")
def a_method_that_needs_arguments(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="label"))


@trap("source_unknown", "int")
def a_field_that_is_a_number(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email=7))


@trap("source_unknown", "None")
def a_list_without_anything_in_it(bench: Bench) -> None:
    bench.bind(contact=bench.contact(phone=[]))


@trap("no_truth_value", "status == ")
def a_text_for_whether_a_contact_is_active(bench: Bench) -> None:
    bench.bind(contact=bench.contact(active="status"))


@trap("link_type_differs", "employer", "company_name='employer'")
def a_text_where_a_link_to_the_company_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.contact(company="employer"))


@trap("link_without_target", "CompanyMapping", "company=None")
def a_link_to_companies_that_nobody_mapped(bench: Bench) -> None:
    bench.bind(company=None)


@trap("link_elsewhere", "organisation_id", "User")
def an_owner_that_does_not_lead_to_the_users(bench: Bench) -> None:
    bench.bind(contact=bench.contact(owner="organisation_id"))


@trap("link_not_in_sql", "foreign key or a relationship")
def a_callable_for_a_link(bench: Bench) -> None:
    bench.bind(contact=bench.contact(company=lambda contact: contact.organisation_id))


@trap("attribute_missing", "Company has no attribute titel", "Company has: id, name")
def a_typing_error_at_the_end_of_a_path(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation.titel"))


# --- which rows exist, and for whom


@trap("deleted_needs_value", "neither a timestamp nor a boolean", "deleted=('status', value)")
def a_text_that_says_which_rows_are_deleted(bench: Bench) -> None:
    bench.bind(contact=bench.contact(deleted="status"))


@trap("deleted_value", "attribute and its value")
def a_value_of_deleted_rows_that_the_column_cannot_hold(bench: Bench) -> None:
    bench.bind(contact=bench.contact(deleted=("status", 7)))


@trap("deleted_not_in_sql", 'deleted="deleted_at"')
def a_truth_value_for_which_rows_are_deleted(bench: Bench) -> None:
    bench.bind(contact=bench.contact(deleted=True))


@trap("attribute_missing", "Contact has no attribute deleted_at")
def a_deleted_column_that_the_model_does_not_have(bench: Bench) -> None:
    bench.bind(contact=bench.contact(deleted="deleted_at"))


@trap("tenant_not_in_sql", 'tenant="organization_id"')
def a_function_for_the_tenant_of_a_row(bench: Bench) -> None:
    bench.bind(contact=bench.contact(tenant=lambda contact: contact.status), tenant=lambda user: user)


@trap("tenant_of_user_missing", "the tenant of a user is unknown", "tenant_callback")
def tenants_of_contacts_and_none_of_users(bench: Bench) -> None:
    bench.bind(contact=bench.contact(tenant="status"))


@trap("path_to_many", "User.circles leads to many rows", "visible=")
def a_tenant_that_is_many_rows(bench: Bench) -> None:
    class Circle(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        user_id = sa.Column(sa.ForeignKey(bench.User.id))

    bench.User.circles = relationship(Circle)
    bench.bind(user=UserMapping(bench.User, tenant="circles.id"))


@trap("task_tenant", "TaskMapping.tenant has no effect")
def a_tenant_of_tasks(bench: Bench) -> None:
    task = TaskMapping(bench.Contact, title="first_name", status="status", open="open", done="done", tenant="employer")
    bench.bind(action_centre=HostTaskActionCentre(task))


@trap("sender_unfit", "'07400 999999'", "country code")
def a_sender_without_its_country_code(bench: Bench) -> None:
    bench.bind(senders={"north": Sender(number="07400 999999")})


@trap("sender_shared", "+442071838750", "tenant 'north'", "tenant 'south'")
def a_number_of_two_tenants(bench: Bench) -> None:
    number = "+442071838750"
    senders = {"north": Sender(number=number), "south": Sender(whatsapp=number)}
    bench.bind(contact=bench.contact(tenant="status"), tenant=lambda user: user, senders=senders)


@trap("senders_without_tenant", "ContactMapping.tenant", "organization_id")
def senders_of_tenants_that_contacts_do_not_have(bench: Bench) -> None:
    bench.bind(senders={"north": Sender(number="+442071838750")})


# --- the models


@trap("model_not_found", "crm.modles:Contact", "package.module:Class")
def a_module_that_cannot_be_imported(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("crm.modles:Contact"))


@trap("model_not_found", "no colon", "package.module:Class")
def a_text_without_a_colon(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("tests.binding.Contact"))


@trap("model_not_mapped", "list", "maps to a table")
def a_text_that_names_no_class(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("tests.binding.mistakes:TRAPS"))


@trap("model_not_mapped", "Base")
def an_abstract_class(bench: Bench) -> None:
    class Base(bench.db.Model):  # type: ignore[name-defined,misc]
        __abstract__ = True

    bench.bind(contact=ContactMapping(Base))


@trap("composite_primary_key", "one, two")
def a_model_with_two_primary_keys(bench: Bench) -> None:
    class Pair(bench.db.Model):  # type: ignore[name-defined,misc]
        one = sa.Column(sa.Integer, primary_key=True)
        two = sa.Column(sa.Integer, primary_key=True)

    bench.bind(contact=ContactMapping(Pair))


@trap("unsupported_key_type", "Day.id", "integers, UUIDs and text")
def a_key_of_a_type_that_is_no_name(bench: Bench) -> None:
    class Day(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Date, primary_key=True)

    bench.bind(contact=ContactMapping(Day))


@trap("foreign_metadata", "Elsewhere", "foreign_key=False")
def users_in_another_database(bench: Bench) -> None:
    bench.app.config["SQLALCHEMY_BINDS"] = {"logins": "sqlite://"}

    class Elsewhere(bench.db.Model):  # type: ignore[name-defined,misc]
        __bind_key__ = "logins"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(200))

    bench.bind(user=UserMapping(Elsewhere))


@trap("mappers_failed", "Persn", "Import every module")
def a_model_that_was_never_imported(bench: Bench) -> None:
    class Note(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        person = relationship("Persn")

    bench.bind()
    bench.ask()


# --- the host's tasks


@trap("task_field_unwritable", "Contact.label", "TaskMapping.title")
def a_method_for_what_is_written(bench: Bench) -> None:
    tasks = TaskMapping(bench.Contact, title="label", status="status", open="open", done="done")
    bench.bind(action_centre=HostTaskActionCentre(tasks))


@trap("task_type_differs", "Contact.email", "no date")
def a_text_for_the_day_a_task_is_due(bench: Bench) -> None:
    tasks = TaskMapping(bench.Contact, title="email", due="email", status="status", open="open", done="done")
    bench.bind(action_centre=HostTaskActionCentre(tasks))


@trap("task_status_values", 'open="open", done="done"', "values of the column")
def a_status_whose_values_nobody_knows(bench: Bench) -> None:
    bench.bind(action_centre=HostTaskActionCentre(TaskMapping(bench.Contact, title="email", status="status")))


@trap("task_column_unfilled", "project", "prepare=lambda task, action")
def a_task_that_needs_more_than_an_action_knows(bench: Bench) -> None:
    class Task(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        title = sa.Column(sa.String(200), nullable=False)
        done_at = sa.Column(sa.DateTime)
        project = sa.Column(sa.String(20), nullable=False)

    bench.bind(action_centre=HostTaskActionCentre(TaskMapping(Task, status="done_at")))


@trap("mapping_of_other_kind", "the class Contact", "TaskMapping(YourModel")
def a_model_where_a_mapping_of_tasks_is_needed(bench: Bench) -> None:
    bench.bind(action_centre=HostTaskActionCentre(bench.Contact))  # type: ignore[arg-type]


# --- which mappings there are


@trap("mapping_missing", "contact=ContactMapping(")
def no_contact_mapping(bench: Bench) -> None:
    bench.bind(contact=None)


@trap("mapping_missing", "user=UserMapping(")
def no_user_mapping(bench: Bench) -> None:
    bench.bind(user=None)


@trap("mapping_of_other_kind", "UserMapping", "contact=ContactMapping(")
def mappings_that_are_swapped(bench: Bench) -> None:
    bench.bind(contact=UserMapping(bench.User), user=bench.contact())


@trap("mapping_of_other_kind", "the class Contact", "contact=ContactMapping(")
def a_model_where_a_mapping_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.Contact)


@trap("client_profile_without_company", "company=CompanyMapping(")
def client_profiles_without_companies(bench: Bench) -> None:
    bench.bind(company=None, client_profile=ClientProfileMapping(bench.Company, company="id"))


@trap("attribute_missing", "company_id")
def a_client_profile_that_leads_to_no_company(bench: Bench) -> None:
    bench.bind(client_profile=ClientProfileMapping(bench.User))


@trap("tables_built_for_others", "table_prefix")
def a_second_set_of_models_in_the_same_tables(bench: Bench) -> None:
    bench.bind()
    Relationships(contact=bench.contact(), user=UserMapping(bench.Company))


@trap("tables_not_built", "init_app")
def the_tables_before_init_app_found_the_models(bench: Bench) -> None:
    _ = Relationships(contact=ContactMapping("crm.models:Contact"), user=UserMapping(bench.User)).models
