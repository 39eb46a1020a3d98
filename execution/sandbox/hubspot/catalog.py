"""The three kinds of records of the portal, and the properties of companies and deals."""

from execution.sandbox.hubspot.kinds import Kind
from execution.sandbox.hubspot.properties import DEFAULT, PROPERTIES, Property
from execution.sandbox.hubspot.wire import contact_id, person_index
from execution.sandbox.world.words import INDUSTRIES

DEALS_PER_ACCOUNT = 4
_FIRST_COMPANY, _FIRST_DEAL, _DEAL_STEP = 9_000_000_000, 31_000_000_000, 10

_TEXT, _NUMBER, _TIME = ("string", "text"), ("number", "number"), ("datetime", "date")
_CHOICE, _YES_NO = ("enumeration", "select"), ("bool", "booleancheckbox")
_STAGES = ("lead", "opportunity", "customer", "other")

COMPANY_PROPERTIES: tuple[Property, ...] = (
    Property("annualrevenue", "Annual Revenue", _NUMBER),
    Property("city", "City", _TEXT),
    Property("country", "Country/Region", _TEXT),
    Property("createdate", "Create Date", _TIME, is_read_only=True),
    Property("current_plan", "Current plan", _CHOICE, ("starter", "growth", "pro", "enterprise"), is_custom=True),
    Property("domain", "Company Domain Name", _TEXT),
    Property("hs_lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("hs_object_id", "Record ID", _NUMBER, is_read_only=True),
    Property("hubspot_owner_id", "Company owner", _CHOICE),
    Property("industry", "Industry", _CHOICE, INDUSTRIES),
    Property("lifecyclestage", "Lifecycle Stage", ("enumeration", "radio"), _STAGES),
    Property("monthly_recurring_revenue", "Monthly recurring revenue", _NUMBER, is_custom=True),
    Property("name", "Company name", _TEXT),
    Property("num_associated_contacts", "Number of Associated Contacts", _NUMBER, is_read_only=True),
    Property("num_associated_deals", "Number of Associated Deals", _NUMBER, is_read_only=True),
    Property("numberofemployees", "Number of Employees", _NUMBER),
    Property("phone", "Phone Number", _TEXT),
    Property("state", "State/Region", _TEXT),
    Property("stripe_customer_id", "Stripe customer id", _TEXT, is_custom=True),
    Property("website", "Website URL", _TEXT),
    Property("zip", "Postal Code", _TEXT),
)

PIPELINES: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("default", "Sales Pipeline", (
        ("appointmentscheduled", "Appointment Scheduled", "0.2"),
        ("qualifiedtobuy", "Qualified To Buy", "0.4"),
        ("presentationscheduled", "Presentation Scheduled", "0.6"),
        ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        ("contractsent", "Contract Sent", "0.9"),
        ("closedwon", "Closed Won", "1.0"),
        ("closedlost", "Closed Lost", "0.0"),
    )),
    ("75433310", "Renewals", (
        ("146001001", "Renewal upcoming", "0.5"),
        ("146001002", "In negotiation", "0.7"),
        ("146001003", "Renewed", "1.0"),
        ("146001004", "Not renewed", "0.0"),
    )),
)  # fmt: skip
"""Each pipeline: its id and label, and its stages with theirs and the probability to win."""

PROBABILITIES = {stage: chance for _, _, stages in PIPELINES for stage, _, chance in stages}

DEAL_PROPERTIES: tuple[Property, ...] = (
    Property("amount", "Amount", _NUMBER),
    Property("closedate", "Close Date", _TIME),
    Property("closed_lost_reason", "Closed Lost Reason", _TEXT),
    Property("createdate", "Create Date", _TIME, is_read_only=True),
    Property("deal_currency_code", "Currency", _CHOICE, ("USD", "JPY")),
    Property("dealname", "Deal Name", _TEXT),
    Property("dealstage", "Deal Stage", ("enumeration", "radio"), tuple(PROBABILITIES)),
    Property("dealtype", "Deal Type", ("enumeration", "radio"), ("newbusiness", "existingbusiness")),
    Property("description", "Deal Description", _TEXT),
    Property("hs_deal_stage_probability", "Deal probability", _NUMBER, is_read_only=True),
    Property("hs_is_closed", "Is Deal Closed?", _YES_NO, is_read_only=True),
    Property("hs_is_closed_won", "Is Closed Won", _YES_NO, is_read_only=True),
    Property("hs_lastmodifieddate", "Last Modified Date", _TIME, is_read_only=True),
    Property("hs_object_id", "Record ID", _NUMBER, is_read_only=True),
    Property("hubspot_owner_id", "Deal owner", _CHOICE),
    Property("num_associated_contacts", "Number of Associated Contacts", _NUMBER, is_read_only=True),
    Property("pipeline", "Pipeline", _CHOICE, tuple(id_ for id_, _, _ in PIPELINES)),
)


def company_id(account: int) -> int:
    """The record id of an account's company."""
    return _FIRST_COMPANY + account


def _account_of(record: int) -> int | None:
    return record - _FIRST_COMPANY if record >= _FIRST_COMPANY else None


def deal_id(number: int) -> int:
    """The record id of a deal; an account has up to four."""
    return _FIRST_DEAL + number * _DEAL_STEP


def _deal_of(record: int) -> int | None:
    number, rest = divmod(record - _FIRST_DEAL, _DEAL_STEP)
    return number if rest == 0 and number >= 0 else None


CONTACTS = Kind(
    "contacts", "contact", "0-1", "contactinformation", PROPERTIES, DEFAULT, "lastmodifieddate",
    ("firstname", "lastname", "email", "phone", "company", "hs_additional_emails"), contact_id, person_index,
)  # fmt: skip
COMPANIES = Kind(
    "companies", "company", "0-2", "companyinformation", COMPANY_PROPERTIES,
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"), "hs_lastmodifieddate",
    ("name", "domain", "phone", "website"), company_id, _account_of,
)  # fmt: skip
DEALS = Kind(
    "deals", "deal", "0-3", "dealinformation", DEAL_PROPERTIES,
    ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    "hs_lastmodifieddate", ("dealname", "description", "dealstage"), deal_id, _deal_of,
)  # fmt: skip
KINDS = {name: kind for kind in (CONTACTS, COMPANIES, DEALS) for name in (kind.name, kind.type_id, kind.one)}
"""The kinds by every name that paths know them by."""
