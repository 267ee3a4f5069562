from __future__ import annotations

from ...api.fields import (
    Email,
    Id,
    JSONNumber,
    Name,
    NameText,
    Note,
    OwnId,
    Received,
    Revision,
    Schema,
    Text,
    Timestamp,
)

LARGEST_DEAL = 10**15


class NewPartner(Received):
    partner_company_name = NameText(Name, blank=False, required=True, description="Partner company name")
    partner_contact_name = NameText(Name, load_default=None, description="Partner contact name")
    partner_contact_email = Email(Name, load_default=None, description="Partner contact email")
    relationship_type = Text(Name, load_default=None, description="Relationship type")
    estimated_deal_size = JSONNumber(0, LARGEST_DEAL, load_default=None, description="Estimated deal size")
    notes = Text(Note, load_default=None)
    contact_id = Id(load_default=None, description="Linked contact ID")


class PartnerChange(Received):
    partner_company_name = NameText(Name, blank=False, nullable=False)
    partner_contact_name = NameText(Name)
    partner_contact_email = Email(Name)
    relationship_type = Text(Name)
    estimated_deal_size = JSONNumber(0, LARGEST_DEAL)
    notes = Text(Note)
    contact_id = Id()


class Partner(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(nullable=False)
    partner_company_name = Text(Name, nullable=False)
    partner_contact_name = Text(Name)
    partner_contact_email = Text(Name)
    relationship_type = Text(Name)
    estimated_deal_size = JSONNumber(0, LARGEST_DEAL)
    notes = Text(Note)
    contact_id = Id()
    created_at = Timestamp(nullable=False)
    updated_at = Timestamp(nullable=False)


class ClientProfile(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(nullable=False)
    created_at = Timestamp(nullable=False)
