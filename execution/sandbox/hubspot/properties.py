"""The properties of the portal's records: most of HubSpot's own, and a few that teams add."""

from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.pipelines import PIPELINES, PROBABILITIES
from execution.sandbox.world.words import INDUSTRIES


class Property(NamedTuple):
    """A property's definition; `kind` is (type, fieldType)."""

    name: str
    label: str
    kind: tuple[str, str]
    options: tuple[str, ...] = ()
    is_custom: bool = False
    is_read_only: bool = False


_TEXT, _NUMBER, _TIME = ("string", "text"), ("number", "number"), ("datetime", "date")
_CHOICE, _CHOICES, _RADIO = ("enumeration", "select"), ("enumeration", "checkbox"), ("enumeration", "radio")
_YES_NO, _FORMULA = ("bool", "booleancheckbox"), ("enumeration", "calculation_equation")

_STAGES = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "other")
_COMPANY_STAGES = ("lead", "opportunity", "customer", "other")
_STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", "UNQUALIFIED")
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "REFERRALS", "DIRECT_TRAFFIC", "EMAIL_MARKETING", "OFFLINE")

_OF_ALL: tuple[Property, ...] = (
    Property("createdate", "Create Date", _TIME, is_read_only=True),
    Property("hs_object_id", "Record ID", _NUMBER, is_read_only=True),
)
_OF_PEOPLE_AND_COMPANIES: tuple[Property, ...] = (
    Property("city", "City", _TEXT),
    Property("country", "Country/Region", _TEXT),
    Property("current_plan", "Current plan", _CHOICE, ("starter", "growth", "pro", "enterprise"), is_custom=True),
    Property("monthly_recurring_revenue", "Monthly recurring revenue", _NUMBER, is_custom=True),
    Property("phone", "Phone Number", _TEXT),
    Property("state", "State/Region", _TEXT),
    Property("stripe_customer_id", "Stripe customer id", _TEXT, is_custom=True),
    Property("website", "Website URL", _TEXT),
    Property("zip", "Postal Code", _TEXT),
)
CONTACT_PROPERTIES: tuple[Property, ...] = (
    *_OF_ALL,
    *_OF_PEOPLE_AND_COMPANIES,
    Property("address", "Street Address", _TEXT),
    Property("annualrevenue", "Annual Revenue", _TEXT),
    Property("associatedcompanyid", "Primary Associated Company ID", _NUMBER, is_read_only=True),
    Property("company", "Company Name", _TEXT),
    Property("email", "Email", _TEXT),
    Property("firstname", "First Name", _TEXT),
    Property("hs_additional_emails", "Additional email addresses", _CHOICES),
    Property("hs_analytics_num_page_views", "Number of Pageviews", _NUMBER, is_read_only=True),
    Property("hs_analytics_num_visits", "Number of Sessions", _NUMBER, is_read_only=True),
    Property("hs_analytics_source", "Original Traffic Source", _CHOICE, _SOURCES, is_read_only=True),
    Property("hs_calculated_merged_vids", "Merged vids with timestamps", _FORMULA),
    Property("hs_email_domain", "Email Domain", _TEXT, is_read_only=True),
    Property("hs_email_optout", "Unsubscribed from all email", _YES_NO),
    Property("hs_language", "Preferred language", _CHOICE, ("en", "de", "es", "fr", "pt")),
    Property("hs_lead_status", "Lead Status", _CHOICE, _STATUSES),
    Property("hs_lifecyclestage_customer_date", "Became a Customer Date", _TIME, is_read_only=True),
    Property("hs_lifecyclestage_lead_date", "Became a Lead Date", _TIME, is_read_only=True),
    Property("hs_merged_object_ids", "Merged object IDs", _CHOICES, is_read_only=True),
    Property("hs_object_source", "Record source", _TEXT, is_read_only=True),
    Property("hs_timezone", "Time Zone", _CHOICE),
    Property("hubspot_owner_assigneddate", "Owner Assigned Date", _TIME, is_read_only=True),
    Property("hubspot_owner_id", "Contact owner", _CHOICE),
    Property("industry", "Industry", _TEXT, INDUSTRIES),
    Property("jobtitle", "Job Title", _TEXT),
    Property("lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("lastname", "Last Name", _TEXT),
    Property("lifecyclestage", "Lifecycle Stage", _RADIO, _STAGES),
    Property("mobilephone", "Mobile Phone Number", _TEXT),
    Property("numemployees", "Number of Employees", _CHOICE),
)
COMPANY_PROPERTIES: tuple[Property, ...] = (
    *_OF_ALL,
    *_OF_PEOPLE_AND_COMPANIES,
    Property("annualrevenue", "Annual Revenue", _NUMBER),
    Property("domain", "Company Domain Name", _TEXT),
    Property("hs_lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("hubspot_owner_id", "Company owner", _CHOICE),
    Property("industry", "Industry", _CHOICE, INDUSTRIES),
    Property("lifecyclestage", "Lifecycle Stage", _RADIO, _COMPANY_STAGES),
    Property("name", "Company name", _TEXT),
    Property("num_associated_contacts", "Number of Associated Contacts", _NUMBER, is_read_only=True),
    Property("num_associated_deals", "Number of Associated Deals", _NUMBER, is_read_only=True),
    Property("numberofemployees", "Number of Employees", _NUMBER),
)
DEAL_PROPERTIES: tuple[Property, ...] = (
    *_OF_ALL,
    Property("amount", "Amount", _NUMBER),
    Property("closedate", "Close Date", _TIME),
    Property("closed_lost_reason", "Closed Lost Reason", _TEXT),
    Property("deal_currency_code", "Currency", _CHOICE, ("USD", "JPY")),
    Property("dealname", "Deal Name", _TEXT),
    Property("dealstage", "Deal Stage", _RADIO, tuple(PROBABILITIES)),
    Property("dealtype", "Deal Type", _RADIO, ("newbusiness", "existingbusiness")),
    Property("description", "Deal Description", _TEXT),
    Property("hs_deal_stage_probability", "Deal probability", _NUMBER, is_read_only=True),
    Property("hs_is_closed", "Is Deal Closed?", _YES_NO, is_read_only=True),
    Property("hs_is_closed_won", "Is Closed Won", _YES_NO, is_read_only=True),
    Property("hs_lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("hubspot_owner_id", "Deal owner", _CHOICE),
    Property("num_associated_contacts", "Number of Associated Contacts", _NUMBER, is_read_only=True),
    Property("pipeline", "Pipeline", _CHOICE, tuple(id_ for id_, _, _ in PIPELINES)),
)
NAMES = tuple(sorted(property_.name for property_ in CONTACT_PROPERTIES))
"""The forty properties of a contact."""


def definition(property_: Property, group: str) -> Record:
    """A property as /crm/v3/properties gives it."""
    type_, field_type = property_.kind
    return {
        "name": property_.name,
        "label": property_.label,
        "type": type_,
        "fieldType": field_type,
        "description": "",
        "groupName": group,
        "options": [
            {"label": option, "value": option, "displayOrder": place, "hidden": False}
            for place, option in enumerate(property_.options)
        ],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": property_.name == "hubspot_owner_id",
        "hasUniqueValue": property_.name in {"email", "hs_object_id"},
        "hidden": False,
        "hubspotDefined": not property_.is_custom,
        "formField": not property_.is_read_only,
        "dataSensitivity": "non_sensitive",
        "modificationMetadata": {
            "archivable": property_.is_custom,
            "readOnlyDefinition": not property_.is_custom,
            "readOnlyValue": property_.is_read_only,
        },
    }
