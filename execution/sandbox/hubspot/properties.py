"""The contact properties of the portal: forty, most of HubSpot's own and a few that teams add."""

from functools import lru_cache
from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.world.words import INDUSTRIES


class Property(NamedTuple):
    """A property's definition; `kind` is (type, fieldType)."""

    name: str
    label: str
    kind: tuple[str, str]
    options: tuple[str, ...] = ()
    is_custom: bool = False
    is_read_only: bool = False


_TEXT, _NUMBER = ("string", "text"), ("number", "number")
_TIME, _CHOICE, _YES_NO = ("datetime", "date"), ("enumeration", "select"), ("bool", "booleancheckbox")

_STAGES = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "other")
_STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", "UNQUALIFIED")
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "REFERRALS", "DIRECT_TRAFFIC", "EMAIL_MARKETING", "OFFLINE")

PROPERTIES: tuple[Property, ...] = (
    Property("address", "Street Address", _TEXT),
    Property("annualrevenue", "Annual Revenue", _TEXT),
    Property("associatedcompanyid", "Primary Associated Company ID", _NUMBER, is_read_only=True),
    Property("city", "City", _TEXT),
    Property("company", "Company Name", _TEXT),
    Property("country", "Country/Region", _TEXT),
    Property("createdate", "Create Date", _TIME, is_read_only=True),
    Property("current_plan", "Current plan", _CHOICE, ("starter", "growth", "pro", "enterprise"), is_custom=True),
    Property("email", "Email", _TEXT),
    Property("firstname", "First Name", _TEXT),
    Property("hs_additional_emails", "Additional email addresses", ("enumeration", "checkbox")),
    Property("hs_analytics_num_page_views", "Number of Pageviews", _NUMBER, is_read_only=True),
    Property("hs_analytics_num_visits", "Number of Sessions", _NUMBER, is_read_only=True),
    Property("hs_analytics_source", "Original Traffic Source", _CHOICE, _SOURCES, is_read_only=True),
    Property("hs_calculated_merged_vids", "Merged vids with timestamps", ("enumeration", "calculation_equation")),
    Property("hs_email_domain", "Email Domain", _TEXT, is_read_only=True),
    Property("hs_email_optout", "Unsubscribed from all email", _YES_NO),
    Property("hs_language", "Preferred language", _CHOICE, ("en", "de", "es", "fr", "pt")),
    Property("hs_lead_status", "Lead Status", _CHOICE, _STATUSES),
    Property("hs_lifecyclestage_customer_date", "Became a Customer Date", _TIME, is_read_only=True),
    Property("hs_lifecyclestage_lead_date", "Became a Lead Date", _TIME, is_read_only=True),
    Property("hs_merged_object_ids", "Merged object IDs", ("enumeration", "checkbox"), is_read_only=True),
    Property("hs_object_id", "Record ID", _NUMBER, is_read_only=True),
    Property("hs_object_source", "Record source", _TEXT, is_read_only=True),
    Property("hs_timezone", "Time Zone", _CHOICE),
    Property("hubspot_owner_assigneddate", "Owner Assigned Date", _TIME, is_read_only=True),
    Property("hubspot_owner_id", "Contact owner", _CHOICE),
    Property("industry", "Industry", _TEXT, INDUSTRIES),
    Property("jobtitle", "Job Title", _TEXT),
    Property("lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("lastname", "Last Name", _TEXT),
    Property("lifecyclestage", "Lifecycle Stage", ("enumeration", "radio"), _STAGES),
    Property("mobilephone", "Mobile Phone Number", _TEXT),
    Property("monthly_recurring_revenue", "Monthly recurring revenue", _NUMBER, is_custom=True),
    Property("numemployees", "Number of Employees", _CHOICE),
    Property("phone", "Phone Number", _TEXT),
    Property("state", "State/Region", _TEXT),
    Property("stripe_customer_id", "Stripe customer id", _TEXT, is_custom=True),
    Property("website", "Website URL", _TEXT),
    Property("zip", "Postal Code", _TEXT),
)

BY_NAME = {property_.name: property_ for property_ in PROPERTIES}
NAMES = tuple(sorted(BY_NAME))
ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")
"""Sent whatever is asked for."""
DEFAULT = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
"""Sent where nothing is asked for."""


@lru_cache(256)
def selected(asked: tuple[str, ...]) -> tuple[str, ...]:
    """The properties that come back, by name; names the portal does not know are ignored, as the vendor does."""
    names = [name for name in asked if name]
    return tuple(sorted({*ALWAYS, *(name for name in names if name in BY_NAME)})) if names else DEFAULT


def definition(property_: Property, group: str = "contactinformation") -> Record:
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
