"""What keywords find in one text: phrases as people type them, language by language, and what is denied."""

import unicodedata
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution import engine
from execution.directives.model import Keywords
from execution.errors import DataError
from execution.triggers.keywords import Found, find
from execution.triggers.keywords.phrases import fold
from tests.measures.stock import shipped


@cache
def _database() -> engine.Connection:
    return engine.memory(threads=1)


def found(text: str, *phrases: str, **more: object) -> Found | None:
    """What the phrases find in a text, with the shipped negations."""
    keywords = Keywords.model_validate({"phrases": phrases, **more})
    return find(_database(), shipped().settings, keywords, text)


FOUND = [
    # as it stands, in any case, with any space
    ("cancel", "I want to cancel.", "cancel"),
    ("cancel", "CANCEL NOW", "CANCEL"),
    ("Cancel", "please cancel", "cancel"),
    ("cancel my account", "cancel   my\n account", "cancel my account"),
    ("cancel my account", "Cancel\u00a0my\tAccount", "Cancel my Account"),
    ("sign up", "the sign-up page", "sign-up"),
    ("sign-up", "we want to sign up", "sign up"),
    ("sign up", "sign\u2010up", "sign\u2010up"),
    ("cancel*", "our cancellation", "cancellation"),
    ("cancel*", "cancel", "cancel"),
    ("cancel* account", "cancelling account 12", "cancelling account"),
    # apostrophes and what stands around words
    ("won't renew", "We won\u2019t renew", "won\u2019t renew"),
    ("won\u2019t renew", "We won't renew", "won't renew"),
    ("won't renew", "we wont renew", "wont renew"),
    ("competitor", "the competitor's offer", "competitor"),
    ("competitor", "the competitor\u2019s offer", "competitor"),
    ("cancel", "'cancel'", "cancel"),
    ("cancel", "\u201ccancel\u201d", "cancel"),
    ("cancel", "please _cancel_ it", "cancel"),
    ("cancel", "<b>cancel</b>", "cancel"),
    ("cancel", "(cancel)", "cancel"),
    ("cancel", "cancel/refund", "cancel"),
    ("cancel", "\U0001f621cancel\U0001f621", "cancel"),
    ("cancel", "\u2764\ufe0fcancel\u2764\ufe0f", "cancel"),
    ("cancel", "\ufeffcancel", "cancel"),
    ("cancel", "\u200ecancel\u200f", "cancel"),
    ("cancel", "line\0cancel\0line", "cancel"),
    ("annulation", "l\u2019annulation du contrat", "annulation"),
    ("c++", "written in C++.", "C++"),
    ("soc 2", "do you have SOC 2?", "SOC 2"),
    # what is not seen, and letters in other styles
    ("cancel", "can\u200bcel", "cancel"),
    ("cancel", "c\u200ba\u200bn\u00adcel", "cancel"),
    ("cancel", "\uff43\uff41\uff4e\uff43\uff45\uff4c", "cancel"),
    ("cancel", "\U0001d41c\U0001d41a\U0001d427\U0001d41c\U0001d41e\U0001d425", "cancel"),
    ("finance", "\ufb01nance", "finance"),
    # languages
    ("kündigen", "Wir wollen KÜNDIGEN", "KÜNDIGEN"),
    ("kündigen", "wir kundigen", "kundigen"),
    ("kündigen", "wir kuendigen", "kuendigen"),
    ("kündigen", "wir ku\u0308ndigen", "kündigen"),
    ("straße", "STRASSE", "STRASSE"),
    ("strasse", "Straße", "Straße"),
    ("straße", "STRA\u1e9eE", "STRA\u1e9eE"),
    ("résilier", "nous souhaitons resilier", "resilier"),
    ("résilier", "Nous souhaitons RÉSILIER", "RÉSILIER"),
    ("cancelación", "la cancelacion", "cancelacion"),
    ("rescisão", "RESCISAO do contrato", "RESCISAO"),
    ("opzeggen", "Ik wil opzeggen", "opzeggen"),
    ("beëindigen", "contract beeindigen", "beeindigen"),
    ("iptal", "\u0130PTAL", "\u0130PTAL"),
    ("iptal", "IPTAL", "IPTAL"),
    ("kay\u0131t", "KAYIT", "KAYIT"),
    ("φόρος", "ΦΌΡΟΣ", "ΦΌΡΟΣ"),
    ("ακυρωση", "ΑΚΥΡΩΣΗ", "ΑΚΥΡΩΣΗ"),
    ("отменить", "хочу ОТМЕНИТЬ", "ОТМЕНИТЬ"),
    ("取消", "我想取消订阅", "取消"),
    ("解約", "契約を解約したい", "解約"),
    ("ยกเล\u0e34ก", "ขอยกเล\u0e34กค\u0e48ะ", "ยกเล\u0e34ก"),
    ("해지*", "해지하고 싶어요", "해지하고"),
    ("إلغاء", "أريد إلغاء الاشتراك", "إلغاء"),
    ("לבטל", "אני רוצה לבטל", "לבטל"),
]  # fmt: skip

NOT_FOUND = [
    ("cancel", "cancellation"),
    ("cancel", "uncancelled"),
    ("cancel", "cancel_at_period_end"),
    ("cancel", "on_cancel"),
    ("cancel", "cancel2"),
    ("leave", "sleaved"),
    ("can", "we can't log in"),
    ("can", "we can\u2019t log in"),
    ("resume", "my résumé"),
    ("schon", "schön"),
    ("cancel", "see https://example.com/cancel?x=cancel"),
    ("cancel", "www.example.com/cancel"),
    ("cancel", "write to cancel@example.com"),
    ("sign up", "signup"),
    ("cancel", "xx\u200bcancel"),
    ("cancel", ""),
    ("cancel", "\0"),
    ("cancel my account", "cancel. my account"),
]


@pytest.mark.parametrize(("phrase", "text", "words"), FOUND)
def test_a_phrase_is_found_as_people_type_it(phrase: str, text: str, words: str) -> None:
    hit = found(text, phrase)
    assert hit is not None
    assert hit.words == words


@pytest.mark.parametrize(("phrase", "text"), NOT_FOUND)
def test_a_phrase_is_not_found_in_other_words(phrase: str, text: str) -> None:
    assert found(text, phrase) is None


DENIED = [
    "we do not want to cancel",
    "We have no plans to cancel.",
    "I never cancel anything",
    "our contract isn't cancelled",
    "we aren\u2019t cancelling",
    "They won't cancel",
    "there is no reason for us to cancel",
    "we do not want\nto cancel",
    "we have no intention of cancelling",
    "We are staying, not cancelling!",
    "cancelling is not an option",
    "Wir wollen nicht kündigen",
    "Ich kündige nicht",
    "Ich kündige meinen Vertrag nicht.",
    "Wir kündigen auf keinen Fall",
    "Wir haben keinen Grund zu kündigen",
    "Wir haben nicht vor, den Vertrag zu kündigen",
    "Nous ne voulons pas résilier",
    "Je n'ai pas l'intention de résilier",
    "n\u2019annulez pas notre abonnement",
    "Nous n'avons jamais demandé à résilier",
    "No queremos cancelar",
    "no vamos a cancelar el contrato",
    "Nunca cancelaríamos",
    "Não queremos cancelar",
    "nunca vamos cancelar",
    "We willen niet opzeggen",
    "Ik zeg niet op, ik wil het niet opzeggen",
    "geen opzegging",
]

AFFIRMED = [
    "I am not happy and want to cancel",
    "Not only do we cancel, we want our money back",
    "why not cancel",
    "We can not cancel in the app, please help",
    "I cannot cancel!",
    "I couldn't cancel",
    "It doesn't work so cancel it",
    "It doesn't work, cancel it",
    "No, cancel it",
    "No i want to cancel",
    "We don't want an upgrade. We cancel.",
    "We do not want to pay more but cancel",
    "not sure whether to cancel",
    "We never got an answer - cancel my plan",
    "not a fan\n\nCancel my account",
    "we do not want to cancel today. Next month we cancel.",
    "Nicht nur kündigen, auch das Geld zurück",
    "Das geht nicht, wir kündigen",
    "Wir kündigen, weil es nicht geht",
    "Wir kündigen weil es nicht geht",
    "Ich kündige nicht nur den Vertrag",
    "Ça ne marche pas, je veux résilier",
    "Je résilie car ce n'est pas utile",
    "No funciona, queremos cancelar",
    "No funciona y queremos cancelar",
    "pensando no cancelamento",
    "Não funciona, quero cancelar",
    "Het werkt niet, wij opzeggen",
    "Ik wil opzeggen omdat het niet werkt",
]

WORDS = ("cancel*", "kündig*", "résili*", "annul*", "opzeg*")


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_is_no_hit(text: str) -> None:
    assert found(text, *WORDS) is None
    assert found(text, *WORDS, negation=False) is not None


@pytest.mark.parametrize("text", AFFIRMED)
def test_what_only_stands_near_a_denial_is_one(text: str) -> None:
    assert found(text, *WORDS) is not None


def test_a_phrase_that_denies_by_itself_is_denied_by_nothing() -> None:
    assert found("I'm afraid we won't renew", "won't renew", "renew") == Found(
        "won't renew", "I'm afraid we won't renew"
    )
    assert found("we won't renew", "renew") is None


def test_a_denied_word_hides_no_later_one() -> None:
    assert found("We do not cancel now. In May we will Cancel it all.", "cancel") == Found(
        "Cancel", "We do not cancel now. In May we will Cancel it all."
    )


@pytest.mark.parametrize(
    ("text", "unless"),
    [
        ("I cancelled our meeting", "our meeting"),
        ("What is your refund policy?", "refund policy"),
        ("I will be on leave, please cancel", "on leave"),
        ("Cancel it.\n\nSent while OUT-OF-OFFICE", "out of office"),
    ],
)
def test_a_text_with_a_phrase_of_unless_does_not_count(text: str, unless: str) -> None:
    words = ("cancel*", "refund", "leave")
    assert found(text, *words) is not None
    assert found(text, *words, unless=[unless]) is None


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"budget of \$\d+k?", "we have a Budget  of $40k here", None),
        (r"budget of \$\d+k?", "we have a Budget of $40k here", "Budget of $40k"),
        (r"(case|ticket) (no\.?|number) (\d+)", "see Ticket number 17", "Ticket number 17"),
        (r"(?P<what>churn)(ed|ing)", "we churned", "churned"),
        (r"\bdata[ -]loss\b", "a data-loss", "data-loss"),
        (r"x*", "nothing of it", None),
        (r"\(cancel\)", "press (cancel)", "(cancel)"),
        (r"[(]cancel[)]", "press (cancel)", "(cancel)"),
        (r"not renew", "we do not renew", "not renew"),
    ],
)
def test_patterns_are_read_as_they_are_written(pattern: str, text: str, words: str | None) -> None:
    hit = found(text, patterns=[pattern], negation=False)
    assert (hit.words if hit else None) == words


def test_what_a_pattern_finds_can_be_denied_too() -> None:
    assert found("we do not want to churn", patterns=["churn(ed)?"]) is None
    assert found("we do not pay. We churned", patterns=["churn(ed)?"]) is not None


def test_a_pattern_with_a_space_goes_on_over_the_word_that_ends_a_denial() -> None:
    assert found("we switch and leave", patterns=["switch and leave"]) is not None
    assert found("we switch and leave", "switch and leave") is not None


def test_the_phrase_of_an_address_is_looked_for_in_addresses() -> None:
    assert found("see https://rival.com/pricing", "rival.com") is not None


def test_a_pattern_that_is_none_is_told() -> None:
    with pytest.raises(DataError) as raised:
        found("text", patterns=["(?=ahead)"])
    assert raised.value.code == "E367"


def test_hundreds_of_phrases_are_looked_for_as_well() -> None:
    many = [f"competitor {number} of ours" for number in range(400)]
    assert found("we look at Competitor 399 of ours", *many) is not None
    assert found("we look at Competitor 400 of ours", *many) is None


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)
AROUND = st.text(st.sampled_from(' .,!?\n\t\u00a0"()\u2026'), min_size=1, max_size=3)
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "L", "M", "N", "Cf"]), max_size=30)


@settings(deadline=None, max_examples=60)
@given(LETTERS, PLAIN, AROUND, AROUND, PLAIN)
def test_a_phrase_between_words_is_found(word: str, start: str, left: str, right: str, end: str) -> None:
    hit = found(f"{start}{left}{word.upper()}{right}{end}", word, negation=False)
    assert hit is not None
    assert hit.words == word.upper()


@settings(deadline=None, max_examples=60)
@given(LETTERS, LETTERS, st.sampled_from(["left", "right", "both"]))
def test_a_phrase_within_a_word_never_is(word: str, other: str, side: str) -> None:
    text = (other if side != "right" else "") + word + (other if side != "left" else "")
    if text != word and fold(text) != fold(word):
        assert found(text, word) is None


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_and_any_phrase_do(text: str) -> None:
    phrase = text[:12] or "x"
    found(text, phrase)
    found(unicodedata.normalize("NFD", text), phrase)
