"""How one text sounds: English only, bounded whatever is written, and always the same."""

from decimal import Decimal
from importlib.metadata import version
from time import perf_counter

import pytest

from execution.sentiment.lexicon import READ, VERSION, readable, scorer

score = scorer()


def test_the_version_that_is_named_is_the_one_installed() -> None:
    assert version("vaderSentiment") == VERSION


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love it, thank you!", "0.7901"),
        ("I am not happy with this at all", "-0.4585"),
        ("How do I export my invoices?", "0.0"),
        ("Invoice download fails again", "-0.4215"),
    ],
)
def test_words_are_rated_with_their_negation(text: str, expected: str) -> None:
    assert score(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "👍",
        "12345 67890",
        "https://example.com/a/b",
        "Guten Tag, die Rechnung ist falsch und niemand antwortet mir.",
        "We zijn niet blij met de service, dit is de derde keer dat we in de wacht staan",
        "Jeg er ikke glad for denne løsning, for den virker ikke i dag",
        "Bonjour, l'export ne marche pas et personne ne répond à mes messages",
        "Hola, no puedo entrar en mi cuenta desde ayer, es un problema grave",
        "Não consigo acessar a minha conta, o suporte é péssimo",
        "Мне не нравится ваш сервис",
        "请帮忙",
    ],
)
def test_what_is_empty_or_in_another_language_is_unknown(text: str) -> None:
    assert score(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "but good " * 50_000,
        "😀" * 100_000,
        "😀😁😂🤣" * 50_000,
        "!" * 100_000,
        "a" * 1_000_000,
        "not " * 100_000,
        "(((" * 50_000,
        "good\x00bad\u202e\ufeff " * 10_000,
        "\ud800 lone half of a pair, this is bad",
    ],
)
def test_a_hostile_text_takes_a_fraction_of_a_second(text: str) -> None:
    begun = perf_counter()
    found = score(text)
    assert perf_counter() - begun < 0.5
    assert found is None or -1 <= found <= 1


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    words = "this works for us and we like it " * 100
    assert score(words[:READ]) == score(words + "terrible awful bad " * 1000)


def test_pictures_and_repetitions_are_cut_to_a_few() -> None:
    assert len(readable("😀😁" * 500)) == 20
    assert readable("sooooooo gooood!!!!!!") == "sooo goood!!!"
