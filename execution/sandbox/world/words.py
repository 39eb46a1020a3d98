"""The words the world is made of. Names carry the accents, apostrophes and scripts that real lists do.

Company domains end in `.example`, which nobody can register: no address of the world reaches anybody.
"""


def _plain(names: str) -> list[tuple[str, str]]:
    return [(name, name.lower()) for name in names.split()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: tuple[tuple[str, str], ...] = (
    *_plain(
        "Ann Ben Carla David Elena Frank Grace Hugo Ida James Karim Laura Maria Nina Oscar Priya Quentin Rosa "
        "Sam Tara Uma Victor Wendy Xavier Yusuf Zara Aisha Bruno Chloe Diego Emma Fatima George Hannah Ivan "
        "Julia Kenji Leila Marco Noah Olivia Pedro Ruth Simon Tom Ursula Vera Will Yara Adam Bella Carlos "
        "Dana Eric Fiona Gita Henry Irene"
    ),
    ("Zoë", "zoe"),
    ("José", "jose"),
    ("Łukasz", "lukasz"),
    ("Søren", "soren"),
    ("Siân", "sian"),
    ("Renée", "renee"),
    ("さくら", "sakura"),
    ("Jean-Luc", "jean-luc"),
)
"""As written, and as it stands in an e-mail address."""

LAST_NAMES: tuple[tuple[str, str], ...] = (
    *_plain(
        "Adams Baker Castro Dubois Evans Fischer Garcia Hughes Ito Jones Kowalski Larsen Meyer Novak Okafor "
        "Patel Quinn Rossi Silva Tanaka Usman Vargas Weber Xu Young Zimmer Alvarez Brown Cohen Diaz Eriksen "
        "Ferrari Green Haddad Ivanov Jensen Khan Lopez Moreau Nguyen Olsen Park Reyes Schmidt Torres Unger "
        "Vogel Walker Yilmaz Zhang Ahmed Bianchi Clarke Danso Egan Foster Gupta Hansen Iqbal Jansen Klein "
        "Lindqvist Mensah Nowak Ortiz Perez Romano"
    ),
    ("O'Brien", "obrien"),
    ("Müller", "mueller"),
    ("García-Márquez", "garcia-marquez"),
    ("van der Berg", "vanderberg"),
    ("Nuñez", "nunez"),
    ("Åkesson", "akesson"),
    ("佐藤", "sato"),
)

COMPANY_HEADS = _words(
    "Amber Birch Bright Canyon Cedar Clear Cobalt Copper Coral Delta Ember Falcon Fern Flint Forge Frost "
    "Granite Harbor Hazel Indigo Iron Ivory Juniper Lantern Larch Linden Lunar Maple Meadow Mesa Mint "
    "Noble North Ocean Olive Onyx Opal Orbit Otter Pebble Pine Pixel Plum Quartz Raven Ridge River Rowan "
    "Sable Sage Silver Slate Solar Spruce Stone Summit Swift Terra Tide Vector Velvet Willow Zephyr Zinc"
)
COMPANY_TAILS = _words(
    "bank beam bridge cart cast craft crest dale desk drive field flow gate grid grove hall hill hive hub "
    "kit lane leaf line link loft mark mill nest path peak pier point port post root sail scale shore "
    "span spark stack stream town trail vale view ward wave way well wharf wind wood works yard"
)
COMPANY_KINDS = ("Labs", "Media", "Partners", "Software", "Studio", "Group", "Health", "Logistics")

INDUSTRIES = (
    "COMPUTER_SOFTWARE",
    "MARKETING_AND_ADVERTISING",
    "MANAGEMENT_CONSULTING",
    "FINANCIAL_SERVICES",
    "HOSPITAL_HEALTH_CARE",
    "LOGISTICS_AND_SUPPLY_CHAIN",
    "STAFFING_AND_RECRUITING",
    "REAL_ESTATE",
)

PLACES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("New York", "NY", "10001", "United States", "America/New_York", "+1 212 555"),
    ("Austin", "TX", "73301", "United States", "America/Chicago", "+1 512 555"),
    ("San Francisco", "CA", "94105", "United States", "America/Los_Angeles", "+1 415 555"),
    ("Denver", "CO", "80202", "United States", "America/Denver", "+1 303 555"),
    ("Toronto", "ON", "M5V 2T6", "Canada", "America/Toronto", "+1 416 555"),
    ("London", "England", "EC1A 1BB", "United Kingdom", "Europe/London", "+44 20 7946"),
    ("Dublin", "Leinster", "D02 X285", "Ireland", "Europe/Dublin", "+353 20 910"),
    ("Berlin", "Berlin", "10115", "Germany", "Europe/Berlin", "+49 30 23125"),
    ("Oslo", "Oslo", "0150", "Norway", "Europe/Oslo", "+47 21 93"),
    ("Madrid", "Madrid", "28001", "Spain", "Europe/Madrid", "+34 910 000"),
    ("São Paulo", "SP", "01310-100", "Brazil", "America/Sao_Paulo", "+55 11 5550"),
    ("Bengaluru", "Karnataka", "560001", "India", "Asia/Kolkata", "+91 80 5550"),
    ("Singapore", "", "018956", "Singapore", "Asia/Singapore", "+65 6555"),
    ("Sydney", "NSW", "2000", "Australia", "Australia/Sydney", "+61 2 5550"),
)
"""City, state, postcode, country, time zone, and a telephone prefix kept for fiction."""

TITLES = (
    "Founder",
    "CEO",
    "Head of Sales",
    "VP Marketing",
    "Sales Operations Manager",
    "Account Executive",
    "Growth Lead",
    "Chief Revenue Officer",
    "Marketing Manager",
    "Business Development Representative",
    "Operations Director",
    "Revenue Analyst",
)
ROLE_MAILBOXES = ("info", "support", "sales", "billing", "hello", "team")
FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "hotmail.com")

OFFERS = (
    "Cold e-mail campaigns for B2B agencies",
    "Fractional CFO service",
    "Recruiting for logistics firms",
    "SEO retainers, month to month",
    "Payroll software for clinics",
    "Done-for-you webinars\nand follow-up",
    'Lead lists for "boutique" brokers & advisers',
)
IDEAL_CLIENTS = (
    "SaaS founders, 10-50 employees, US",
    "Marketing agencies in Europe",
    "Dental practices with 3+ sites",
    "Real-estate brokers in Texas and Florida",
    "CFOs of family-owned manufacturers",
)
LIFETIME_VALUES = ("$5,000", "12k", "about 30.000 EUR", "$100k+", "not sure yet", "2500")
REMARKS = ("Please keep it short.", "We compare you with another vendor.", "😀 looking forward!", "", "n/a")

CANCEL_REASONS = (
    "Conflict with another meeting",
    "Something came up",
    "No longer needed",
    "We are thinking of cancelling our plan, let us talk next week",
    "",
)
