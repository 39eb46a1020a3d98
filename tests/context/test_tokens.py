"""How near the estimate of tokens is, held against real vocabularies: never fewer than they count."""

import random
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from execution.context import render
from execution.context.chosen import TIERS
from execution.context.fitting import tokens
from execution.context.run import budget_of
from execution.directives.model import Tier
from execution.workspace import Workspace
from tests.context.test_briefs import big_stock, rich_stock, saying
from tests.measures.stock import AS_OF

TEXTS = {
    "English": "We hardly use it any more: too many bounces, and nobody called back.",
    "German": "Die Geschäftsführerin entscheidet über die Vertragsverlängerung.",
    "French": "Pouvez-vous m'envoyer la facture avant la fin du mois, s'il vous plaît ? L'été dernier, c'était réglé.",
    "Turkish": "Sözleşmemizin ne zaman biteceğini öğrenmek istiyoruz, teşekkürler.",
    "Vietnamese": "Chúng tôi muốn gia hạn hợp đồng vào tháng tới.",
    "Russian": "Здравствуйте, когда истекает наш договор и можно ли добавить пользователей?",
    "Greek": "Καλημέρα, θα θέλαμε να ανανεώσουμε τη σύμβαση.",  # noqa: RUF001 - as they write
    "Hebrew": "שלום, מתי מסתיים החוזה שלנו ואפשר להוסיף משתמשים?",
    "Arabic": "مرحبا، متى ينتهي عقدنا وهل يمكن إضافة مستخدمين؟",
    "Hindi": "नमस्ते, हमारा अनुबंध कब समाप्त होता है और क्या हम उपयोगकर्ता जोड़ सकते हैं?",
    "Thai": "สวัสดีครับ สัญญาของเราจะหมดอายุเมื่อไหร่",
    "Amharic": "ሰላም ለዓለም እንዴት ነህ ውላችን መቼ ያበቃል",
    "Georgian": "გამარჯობა, როდის იწურება ჩვენი ხელშეკრულება",
    "Chinese": "您好，我们的合同什么时候到期？可以增加用户吗？",  # noqa: RUF001 - as they write
    "Japanese": "お客様の契約はいつ終了しますか。ユーザーを追加できますか。",
    "Korean": "안녕하세요, 저희 계약은 언제 만료되나요?",
    "emoji": "🎉👩‍👩‍👧🚀✅❤️🏳️‍🌈 got it 👍",
    "figures": "| 2026-11-30 | USD 1,234.56 | 78.5/100 | 12 of 40 | +49 30 123456 |",
    "addresses": "| `vera.brown@rowancraftgroup.example` | not captured | `https[:]//x.example/a?b=c&d=e` |",
    "capitals": "FINANCIAL_SERVICES, LOGISTICS AND SUPPLY CHAIN, MEDDPICC, ARR, NRR",
}  # fmt: skip


@cache
def vocabularies() -> tuple[Any, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it opens its own files in an old way
        from bpe_openai import get_encoding

        return tuple(get_encoding(name) for name in ("cl100k_base", "o200k_base"))


def real(text: str) -> int:
    """What the vocabulary that needs more of them takes."""
    return max(len(each.encode(text)) for each in vocabularies())


@pytest.mark.parametrize("language", TEXTS)
def test_never_fewer_than_there_are(language: str) -> None:
    assert tokens(TEXTS[language] * 20) >= real(TEXTS[language] * 20)


def test_nor_of_words_thrown_together() -> None:
    chance = random.Random(7)
    words = [word for text in TEXTS.values() for word in text.split()]
    for _ in range(50):
        text = " ".join(chance.choices(words, k=200))
        assert tokens(text) >= real(text)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("budget", [None, 700, 3000])
def test_a_file_keeps_its_budget_by_real_count(tmp_path: Path, tier: Tier, budget: int | None) -> None:
    given = {} if budget is None else {f"{tier}_tokens": budget}
    program = saying(**given)
    for stock, key in ((rich_stock(), "acme.com"), (big_stock(), "big.com"), (rich_stock(), "dee@gmail.com")):
        text = render(stock.con, program, Workspace(tmp_path), AS_OF, key, tier)
        assert real(text) <= tokens(text) <= budget_of(program, tier)
        if stock is rich_stock():  # the other's names are one letter three hundred times
            assert tokens(text) < 1.5 * real(text)
