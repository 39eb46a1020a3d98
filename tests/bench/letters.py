"""A mailbox for the benchmark of keywords: messages of 200 to 2,000 characters in six languages, and twenty rules."""

import json
from pathlib import Path

from execution.directives import Program, load
from execution.engine import literal

SENTENCES = {
    "en": """Thanks for getting back to us so quickly on this.
We have been using the export for about three weeks now.
The dashboard shows other figures than the report that went out on Monday.
Could you have a look at the attached screenshot?
Our finance team asked whether invoices can be sent to a second address.
I cancelled our meeting and will find another slot.
Is there a way to see who changed the settings of a campaign?
The import stopped at row 4,312 with an error we don't understand.
We are quite happy with the results so far, the team likes it.
Please add two places to our plan from next month on.
I'm out of office until Thursday; Maria looks after it while I'm away.
Your refund policy says fourteen days, is that still so?
Best regards from a rainy Bristol, and have a good weekend!
Does the API return all contacts or just those of the last 30 days?""",
    "de": """Vielen Dank für die schnelle Antwort, das hat uns sehr geholfen.
Die Auswertung zeigt andere Zahlen als der Bericht.
Können Sie bitte prüfen, warum die Übertragung gestern abgebrochen ist?
Wir bräuchten zwei weitere Zugänge für unser Team.
Unsere Buchhaltung hätte die Rechnung gern an eine zweite Adresse.
Der Termin am Freitag passt leider nicht mehr.
Mit freundlichen Grüßen aus München, und ein schönes Wochenende!
Gibt es eine Übersicht, wer welche Einstellungen geändert hat?""",
    "fr": """Merci beaucoup pour votre réponse rapide, c'est très aimable.
Les chiffres du tableau ne sont pas ceux du rapport.
Pourriez-vous vérifier pourquoi l'importation s'est arrêtée hier soir ?
Nous aimerions ajouter deux utilisateurs à notre offre.
Notre comptabilité souhaite recevoir les factures à une autre adresse.
Bien cordialement, et à très bientôt j'espère.""",
    "es": """Muchas gracias por la respuesta tan rápida, nos ayudó mucho.
Los datos del panel no coinciden con los del informe.
¿Podrían revisar por qué se detuvo la importación de ayer?|Quisiéramos añadir dos usuarios más a nuestro plan.
El equipo de finanzas pide que las facturas lleguen a otra dirección.
Un saludo cordial desde Sevilla y buen fin de semana.""",
    "pt": """Obrigado pela resposta rápida, ajudou muito a nossa equipa.
Os números do painel não são os do relatório.
Podem verificar por que a importação parou ontem à noite?
Gostaríamos de acrescentar dois utilizadores ao plano.""",
    "nl": """Bedankt voor het snelle antwoord, dat heeft ons goed geholpen.
De cijfers op het dashboard kloppen niet met het rapport.
Kunt u nakijken waarom de import gisteren is gestopt?
We willen graag twee gebruikers toevoegen aan ons abonnement.""",
}  # fmt: skip

SAID = """We want to cancel our subscription by the end of the month.
we do not want to cancel, we just need an invoice
Wir kündigen zum Quartalsende.|Wir haben keinen Grund zu kündigen.|Nous souhaitons résilier notre abonnement.
Honestly we are looking at other vendors right now.
Queremos darnos de baja lo antes posible.|Is there a discount for nonprofits?
We won\u2019t renew unless this is fixed.
Our budget was approved yesterday, when can we start?|We need a security review first.
I will escalate this to my manager.
Ik wil mijn abonnement opzeggen.|Gostaria de cancelar o contrato.|This is unacceptable!"""


RULES = {
    "cancels": [
        "cancel my",
        "cancel our",
        "want to cancel",
        "cancellation",
        "terminate*",
        "close our account",
        "unsubscrib*",
    ],
    "cancels_de": ["kündig*", "Vertrag beenden", "Abo beenden", "stornier*", "abbestell*", "Vertragsende"],
    "cancels_fr": ["résili*", "annuler notre abonnement", "mettre fin au contrat", "nous désabonner", "se désabonner"],
    "cancels_es": ["cancelar*", "darnos de baja", "dar de baja", "rescindir*", "anular el contrato"],
    "cancels_pt": ["cancelamento", "cancelar o contrato", "encerrar a conta", "rescindir o contrato"],
    "cancels_nl": ["opzeg*", "abonnement beëindigen", "contract stopzetten", "opgezegd"],
    "switches": [
        "switch to",
        "switching to",
        "moving to",
        "migrate to",
        "other vendors",
        "alternative to",
        "competitor",
    ],
    "renewal": ["won't renew", "not renewing", "not going to renew", "don't plan to renew", "let it expire", "renewal"],
    "frustrated": ["frustrat*", "disappoint*", "unacceptable", "fed up", "waste of time", "not happy", "terrible"],
    "buying": ["budget approved", "budget was approved", "ready to purchase", "when can we start", "contract terms"],
    "pricing": ["too expensive", "price increase", "discount", "cheaper", "cost too much", "over budget", "pricing"],
    "security": ["security review", "penetration test", "SOC 2", "HIPAA", "ISO 27001", "GDPR", "data breach", "DPA"],
    "legal": ["lawyer", "legal action", "sue", "small claims", "chargeback", "dispute the charge", "refund me"],
    "outage": ["outage", "is down", "cannot log in", "can't log in", "not loading", "500 error", "data loss"],
    "expansion": [
        "more seats",
        "additional users",
        "upgrade our plan",
        "other departments",
        "roll it out",
        "enterprise plan",
    ],
    "champion": [
        "my last day",
        "leaving the company",
        "new role",
        "my successor",
        "taking over from",
        "no longer with",
    ],
    "escalation": ["speak to your manager", "escalate*", "your CEO", "executive sponsor", "formal complaint"],
    "competitors": ["Acme Suite", "Globex", "Initech", "Hooli", "Umbrella CRM", "Wonka Analytics", "Stark Reports"],
    "praise": [
        "love the product",
        "case study",
        "recommend you",
        "great support",
        "testimonial",
        "happy to be a reference",
    ],
    "budget": [
        "budget cut*",
        "hiring freeze",
        "layoff*",
        "reorganisation",
        "reorganization",
        "cost saving*",
        "downsiz*",
    ],
}

OWN = {"pricing": [r"\$\s?\d[\d,.]*k?\s+(?:a|per)\s+(?:month|year)"], "legal": [r"case (?:no|number)\.? ?\d+"]}

MESSAGES = """---
kind: entity
name: messages
key: message_id
rows: owned
texts: {columns: [text], who: email, at: written_at, where: author = 'customer'}
columns:
  message_id: {type: text, from: [desk]}
  email: {type: text, from: [desk]}
  author: {type: text, from: [desk]}
  written_at: {type: timestamp, from: [desk]}
  text: {type: text, from: [desk]}
---
"""

CUSTOMERS = """---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
---
"""


def program() -> Program:
    """Twenty rules, one directive each, with the negations that are shipped."""
    texts = {"settings": settings(), "messages": MESSAGES.encode(), "customers": CUSTOMERS.encode()}
    for name, phrases in RULES.items():
        keywords = json.dumps({"phrases": phrases, "patterns": OWN.get(name, []), "unless": ["out of office"]})
        texts[name] = f"---\nkind: trigger\nname: {name}\nkeywords: {keywords}\n---\n".encode()
    return load({f"directives/{name}.md": text for name, text in texts.items()}).require_valid()


def settings() -> bytes:
    """The shipped settings without what names other directives."""
    shipped = Path(__file__).parents[2] / "directives" / "settings.md"
    lines = shipped.read_bytes().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"briefs:"))


def _listed(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in line.split("|")]


def fill(first: int, count: int, day: str) -> str:
    """SELECT of messages as a projection keeps them, numbered from `first`; one in fifty says something of note."""
    languages = list(SENTENCES)
    pools = ", ".join(literal(_listed(text)) for text in SENTENCES.values())
    said = literal(_listed(SAID))
    return f"""
        SELECT 'm' || n AS message_id, 'person' || hash(n, 1) % 400000 || '@company' || hash(n, 1) % 90000
                || '.com' AS email,
            CASE WHEN hash(n, 2) % 10 < 9 THEN 'customer' ELSE 'team' END AS author,
            TIMESTAMP {literal(day)} - to_seconds((hash(n, 3) % 63072000)::BIGINT) AS written_at,
            replace(array_to_string(list_transform(range(3 + (hash(n, 4) % 6 * (hash(n, 5) % 6))::BIGINT),
                lambda i: pool[1 + (hash(n, i) % len(pool))::BIGINT]), ' '), '. ', CASE WHEN n % 3 = 0 THEN '.
' ELSE '. ' END)
            || CASE WHEN hash(n, 6) % 50 = 0
                THEN ' ' || {said}[1 + (hash(n, 7) % {len(_listed(SAID))})::BIGINT] ELSE '' END AS text,
            hash(n, 8) AS row_hash, TIMESTAMP {literal(day)} AS changed_at
        FROM (SELECT range AS n, [{pools}][1 + (CASE WHEN hash(range, 9) % 10 < 5 THEN 0
            ELSE hash(range, 10) % {len(languages)} END)::BIGINT] AS pool FROM range({first}, {first + count}))"""
