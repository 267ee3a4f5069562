from __future__ import annotations

from ...api.fields import Email, Id, JSONNumber, NameText, OwnId, Received, Revision, Schema, Text, Timestamp
from ...db.base import MAX_NAME_LENGTH, MAX_NOTE_LENGTH

MAX_DEAL_SIZE = 10**15


class NewPartner(Received):
    partner_company_name = NameText(MAX_NAME_LENGTH, blank=False, required=True, description="Partner company name")
    partner_contact_name = NameText(MAX_NAME_LENGTH, load_default=None, description="Partner contact name")
    partner_contact_email = Email(MAX_NAME_LENGTH, load_default=None, description="Partner contact email")
    relationship_type = Text(MAX_NAME_LENGTH, load_default=None, description="Relationship type")
    estimated_deal_size = JSONNumber(0, MAX_DEAL_SIZE, load_default=None, description="Estimated deal size")
    notes = Text(MAX_NOTE_LENGTH, load_default=None)
    contact_id = Id(load_default=None, description="Linked contact ID")


class PartnerChange(Received):
    partner_company_name = NameText(MAX_NAME_LENGTH, blank=False, nullable=False)
    partner_contact_name = NameText(MAX_NAME_LENGTH)
    partner_contact_email = Email(MAX_NAME_LENGTH)
    relationship_type = Text(MAX_NAME_LENGTH)
    estimated_deal_size = JSONNumber(0, MAX_DEAL_SIZE)
    notes = Text(MAX_NOTE_LENGTH)
    contact_id = Id()


class Partner(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(nullable=False)
    partner_company_name = Text(MAX_NAME_LENGTH, nullable=False)
    partner_contact_name = Text(MAX_NAME_LENGTH)
    partner_contact_email = Text(MAX_NAME_LENGTH)
    relationship_type = Text(MAX_NAME_LENGTH)
    estimated_deal_size = JSONNumber(0, MAX_DEAL_SIZE)
    notes = Text(MAX_NOTE_LENGTH)
    contact_id = Id()
    created_at = Timestamp(nullable=False)
    updated_at = Timestamp(nullable=False)


class ClientProfile(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(nullable=False)
    created_at = Timestamp(nullable=False)
