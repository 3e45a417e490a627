"""What every command shares: a moment as a person writes it, and how rows are printed."""

from datetime import UTC, datetime
from typing import Any

import click
import pytest

from syndication.bootstrap import opened
from syndication.cli.desk import Moment, Office, show
from syndication.cli.serve import apply_files
from syndication.errors import StorageError
from syndication.settings import Settings
from tests.cli.conftest import TREE
from tests.cli.shell import Shell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2025-05-07", datetime(2025, 5, 7, tzinfo=UTC), id="a day begins in UTC"),
        pytest.param("2025-05-07 Asia/Ho_Chi_Minh", datetime(2025, 5, 6, 17, tzinfo=UTC), id="a day of a zone"),
        pytest.param("2025-05-07T09:30", datetime(2025, 5, 7, 9, 30, tzinfo=UTC), id="a moment is in UTC"),
        pytest.param("2025-05-07 09:30", datetime(2025, 5, 7, 9, 30, tzinfo=UTC), id="with a space"),
        pytest.param("2025-05-07T09:30:15Z", datetime(2025, 5, 7, 9, 30, 15, tzinfo=UTC), id="with a Z"),
        pytest.param("2025-05-07T09:30+07:00", datetime(2025, 5, 7, 2, 30, tzinfo=UTC), id="with an offset"),
        pytest.param("2025-05-07 09:30 Asia/Baku", datetime(2025, 5, 7, 5, 30, tzinfo=UTC), id="with a zone"),
    ],
)
def test_a_moment(text: str, expected: datetime) -> None:
    assert Moment().convert(text, None, None) == expected


@pytest.mark.parametrize(
    "text", ["", "now", "2025-13-01", "07/05/2025", "2025-05-07 09:30 Asia/Hanoi", "2025-05-07T09:30Z UTC", "0001-01-01 Asia/Baku"]
)
def test_no_moment(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Moment().convert(text, None, None)


def test_serve_goes_on_without_the_files_while_an_agreement_cannot_be_read(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Z18: the exchange with the others does not stop because the files cannot be taken."""
    config = TREE / "config"
    settings = Settings(data=str(shell.data))
    with opened(settings) as house:
        apply_files(Office(settings, config), house)
        assert capsys.readouterr().err == ""
        monkeypatch.setattr("syndication.storage.agreements.read_whole", _refusing)
        apply_files(Office(settings, config), house)
    assert "The files of --config are not taken: oana in the database cannot be read (damaged)." in capsys.readouterr().err


def _refusing(_kind: type, _text: str) -> None:
    raise StorageError("damaged")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({}, "day\twhat\n1 May\t=ends\n", id="a table: tabs, where nobody sits at a terminal"),
        pytest.param({"as_csv": True}, "day,what\r\n1 May,'=ends\r\n", id="CSV, and nothing of it is a formula"),
        pytest.param(
            {"as_json": True}, '[\n  {\n    "day": "1 May",\n    "what": "=ends"\n  }\n]\n', id="JSON: each row by the names of the columns"
        ),
    ],
)
def test_rows_are_shown_in_three_forms(form: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(("day", "what"), [("1 May", "=ends")], **form)
    assert capsys.readouterr().out == said
