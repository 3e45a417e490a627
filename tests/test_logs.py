"""One line an event, whatever is in it."""

import pytest

from syndication.logs import LONGEST, configure, logger


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("a\r\n2026-01-01T00:00:00Z info polled flow=forged", id="W13: a line of its own"),
        pytest.param("\x1b[2J\x1b]0;owned\x07", id="W13: orders to a terminal"),
        pytest.param("\u2028\u2029\x85\x0b\x0c", id="W13: the other line ends"),
        pytest.param("x" * 1_000_000, id="W13: a megabyte"),
        pytest.param("\u202etxt.exe", id="W13: written backwards"),
    ],
)
def test_an_event_is_one_printable_line(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logger.info("polled", flow="trc-en", error=hostile)
    line = capsys.readouterr().err
    assert line.endswith("\n")
    assert line.removesuffix("\n").isprintable()
    assert len(line) < LONGEST + 200


def test_a_line_reads_as_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logger.info("polled", flow="trc-en", outcome="updated", new=3, error=None, note="two words")
    assert capsys.readouterr().err.split(" ", 1)[1] == 'info polled flow=trc-en outcome=updated new=3 note="two words"\n'


def test_a_traceback_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    try:
        raise ValueError("a\nb")
    except ValueError:
        logger.exception("poll broke", flow="trc-en")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "ValueError" in line
