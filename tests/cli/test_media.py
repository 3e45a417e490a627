"""Pictures of what came in, at the command line: what is not at home and why, and asking once more."""

from datetime import datetime, timedelta

import pytest

from syndication.storage import arrivals, items, partners
from syndication.storage.database import Database
from tests.cli.shell import Shell
from tests.worlds import NOW, content, entry, item, item_version, rendition, stamp


@pytest.fixture
def shell_with_item(shell: Shell) -> Shell:
    """TRC sent two pictures: one was given up, one waits."""
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    held = tuple(rendition(url=f"https://{host}.trc.example/a.jpg") for host in ("gone", "slow"))
    with database.write() as tx:
        flow = next(one.id for one in partners.flows(tx) if one.partner == "trc" and one.url)
        version = item_version(entry=entry(content=content(renditions=held)), stamp=stamp(flow=flow))
        items.receive(tx, item(flow=flow, current=version))
        for one in arrivals.claim(tx, NOW, 1, timedelta(minutes=4), 3):
            arrivals.fail(tx, one, "gone.trc.example answered 404: there is nothing", None)
    database.close()
    return shell


def test_what_is_not_at_home_is_listed_with_its_reason_and_asked_for_again(shell_with_item: Shell) -> None:
    shell = shell_with_item
    result = shell.run("media", "ls", "--csv")
    assert [row.split(",")[:4] for row in result.stdout.splitlines()[1:]] == [["i_1", "0", "trc", "broken"], ["i_1", "1", "trc", "waits"]]
    assert "trc: 0 of 21474836480 bytes are kept." in result.stderr
    (broken,) = shell.json("media", "ls", "--broken", "--partner", "trc")
    assert (broken["url"], broken["broken"], broken["why"]) == (
        "https://gone.trc.example/a.jpg",
        True,
        "gone.trc.example answered 404: there is nothing",
    )
    assert shell.json("media", "ls", "--partner", "azertac") == []
    assert "Asked for again: 0." in shell.run("media", "retry", "--partner", "azertac").stderr
    assert "Asked for again: 1." in shell.run("media", "retry").stderr
    assert shell.json("media", "ls", "--broken") == []
    first, _ = shell.json("media", "ls")
    assert datetime.fromisoformat(first["next_at"]) > NOW - timedelta(days=1)
    assert "Asked for again: 2." in shell.run("media", "retry", "i_1").stderr


def test_a_mistake_is_told(shell_with_item: Shell) -> None:
    assert "there is no partner tcr" in shell_with_item.run("media", "ls", "--partner", "tcr", exit_code=3).stderr
    assert "there is no partner tcr" in shell_with_item.run("media", "retry", "--partner", "tcr", exit_code=3).stderr
    assert "syndication media ls" in shell_with_item.run("media", "retry", "i_2", exit_code=3).stderr
