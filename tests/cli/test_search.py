"""`syndication search`: what it prints, for a person and for a program."""

from syndication.review.search import Index
from syndication.storage.database import Database
from tests.cli.shell import Shell
from tests.worlds import NOW


def test_search_prints_what_has_all_the_words(shell: Shell) -> None:
    """Once a worker has been there; until then it says that it has not."""
    older = shell.add(headline="Lũ lên ở Đồng Tháp", language="vi")
    newer = shell.add(uri="urn:vna:2", headline="Dong Thap rice")
    assert "not found yet" in shell.run("search", "dong", "thap").stderr
    database = Database(f"sqlite:///{shell.data}/syndication.db")
    Index(database).round(NOW)
    database.close()
    told = shell.run("search", "dong", "tha")
    assert [line.split("\t")[0] for line in told.stdout.splitlines()] == ["id", newer, older]
    assert told.stderr == ""
    (one,) = shell.json("search", "đồng tháp lũ")
    assert (one["kind"], one["id"], one["partner"], one["language"], one["state"]) == ("story", older, None, "vi", "usable")
    assert one["headline"] == "Lũ lên ở Đồng Tháp"
    assert shell.json("search", "dong thap", "--limit", "0") == shell.json("search", "dong thap")[:1]
    assert len(shell.json("search", "dong thap", "--limit", "1000000000")) == 2
    assert "there is no word in" in shell.run("search", "?", exit_code=1).stderr
