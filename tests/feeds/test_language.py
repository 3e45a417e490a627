"""A text that reads like another language than it is said to be in is told; one that may well be in it, or is too short, is not."""

import pytest

from syndication.feeds import language
from syndication.feeds.language import INSTALLED, KNOWN, reads_as
from tests.worlds import content

TEXTS = {
    "vi": "Thủ tướng Chính phủ chiều thứ Ba đã tiếp Đại sứ Kazakhstan tại Hà Nội và trao đổi về hợp tác đường sắt giữa hai nước.",
    "kk": "Қазақстан Президенті сейсенбі күні Астанада өткен форумда көлік дәліздерін дамыту және теміржол туралы сөз сөйледі.",
    "az": "Azərbaycan Prezidenti çərşənbə axşamı Bakıda keçirilən forumda nəqliyyat dəhlizlərinin inkişafından və dəmir yolundan danışıb.",
    "ru": "Президент Казахстана во вторник выступил на форуме в Астане и рассказал о развитии транспортных коридоров и железных дорог.",
    "en": "The President of Kazakhstan spoke at a forum in Astana on Tuesday about transport corridors and the railways of the region.",
    "fr": "Le président du Kazakhstan s'est exprimé mardi lors d'un forum à Astana sur les corridors de transport et les chemins de fer.",
    "zh": "哈萨克斯坦总统星期二在阿斯塔纳举行的论坛上发表讲话，介绍了运输走廊和铁路的发展情况，并表示愿意同越南扩大合作，"
    "双方还就新闻交流、人员培训和文化往来交换了意见。",
}


def test_the_extra_is_installed_where_the_tests_run() -> None:
    """Else nothing below would be tested."""
    assert INSTALLED


@pytest.mark.parametrize("spoken", TEXTS)
@pytest.mark.parametrize("said", TEXTS)
def test_each_language_is_told_from_each(spoken: str, said: str) -> None:
    found = reads_as(content(headline="", summary="", body=f"<p>{TEXTS[spoken]}</p>", language=f"{said.upper()}-XX"))
    assert found == (None if spoken == said else spoken)


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        pytest.param(TEXTS["ru"][:59], "en", None, id="too short"),
        pytest.param("1, 2, 3. " * 40, "vi", None, id="no letters"),
        pytest.param(TEXTS["ru"], "tlh", None, id="said to be in a language it does not know"),
        pytest.param(TEXTS["ru"], "und", None, id="not said to be in any"),
        pytest.param(
            "Astana, Nursultan, Almaty, Kazakhtelecom, KazMunayGas, Bayterek, Shymkent, Aktau, Atyrau, Karaganda", "vi", None, id="names"
        ),
    ],
)
def test_what_nobody_can_tell_is_not_told(text: str, said: str, expected: str | None) -> None:
    assert reads_as(content(headline="", summary="", body=f"<p>{text}</p>", language=said)) == expected


def test_without_the_extra_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "INSTALLED", False)
    assert reads_as(content(headline="", summary="", body=TEXTS["ru"])) is None


def test_every_group_of_neighbours_is_of_languages_that_are_known() -> None:
    assert all(len(group & set(KNOWN)) > 1 for group in language.ONE)
