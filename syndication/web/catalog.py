"""The desk's words in Vietnamese, French and Russian: read from the .po files when first asked for, so that none is stale."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import request
from flask_babel import Domain, get_locale
from flask_login import current_user

from syndication.settings import LANGUAGES
from syndication.web.parts import parts

FOLDER: Final = Path(__file__).parent / "translations"
NATIVE: Final = {"en": "English", "fr": "Français", "ru": "Русский", "vi": "Tiếng Việt"}
"""What each language calls itself."""


@cache
def translations(language: str) -> NullTranslations:
    """The catalog of that language; English is the language of the source, and has none."""
    path = FOLDER / f"{language}.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str, /, **values: object) -> str:
    """The text in the language of the request, with `%(name)s` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """The text for so many, in the language of the request; `%(num)s` is the number."""
    return str(flask_babel.ngettext(one, many, num))


class Catalogs(Domain):  # type: ignore[misc]  # flask_babel is not typed
    """Flask-Babel's source of translations, from .po instead of compiled files."""

    def get_translations(self) -> NullTranslations:
        """The catalog of the request's language."""
        return translations(str(get_locale()))


def desk_language() -> str:
    """The editor's own; for who has not signed in, what the browser asks for, else that of the settings."""
    if current_user and current_user.is_authenticated:
        return str(current_user.editor.language)
    return request.accept_languages.best_match(LANGUAGES) or parts().settings.desk_language


def desk_zone() -> str:
    """The zone in which times are shown."""
    return parts().settings.timezone
