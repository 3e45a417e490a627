"""The newsroom's folder: what is taken, what is left, what is refused and where; nothing lost, nothing taken twice."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syndication.errors import InputError, StorageError
from syndication.feeds.draft import LARGEST
from syndication.intake import folder as room
from syndication.intake.desk import Newsroom, Taken
from syndication.intake.folder import Folder, Round
from syndication.model.story import Pubstatus, Story, StoryAct
from syndication.storage import stories, submissions
from syndication.storage.database import Database
from tests.intake.taking_until_killed import document
from tests.web.exchange import NOW, Exchange

LATER = NOW + timedelta(seconds=10)


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


class Desk:
    """The folder, and what our CMS writes into it."""

    def __init__(self, exchange: Exchange, path: Path) -> None:
        self.exchange, self.path = exchange, path
        self.folder = Folder(Newsroom(exchange.database, exchange.settings), path)
        path.mkdir()

    def write(self, name: str, data: bytes | None = None, *, age: float = 10, **changes: Any) -> None:
        path = self.path / name
        path.write_bytes(document(**changes) if data is None else data)
        moment = LATER.timestamp() - age
        os.utime(path, (moment, moment))

    def take(self) -> list[Taken | None]:
        return [one.what for one in self.folder.round(LATER).handed]

    def files(self) -> set[str]:
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*") if not path.is_dir() or path.is_symlink()}

    def story(self, uri: str = "urn:vna:1") -> Story | None:
        with self.exchange.database.read() as tx:
            return stories.by_uri(tx, uri)

    def acts(self, uri: str = "urn:vna:1") -> list[StoryAct]:
        story = self.story(uri)
        with self.exchange.database.read() as tx:
            return [one.act for one in stories.versions(tx, story.id)] if story else []


@pytest.fixture
def desk(exchange: Exchange, tmp_path: Path) -> Desk:
    return Desk(exchange, tmp_path / "in")


def test_a_file_is_taken_once_and_does_what_it_says(desk: Desk) -> None:
    desk.write("a.json")
    assert desk.take() == [Taken.ADDED]
    assert desk.files() == {"taken/a.json"}
    assert desk.take() == []
    desk.write("b.json", headline="Two", ednote="The headline was wrong.")
    desk.write("c.json", headline="Two", pubstatus="withheld")
    desk.write("d.json", headline="Two")
    desk.write("e.json", headline="Two", pubstatus="canceled", ednote="It has not opened.")
    assert desk.take() == [Taken.CORRECTED, Taken.CORRECTED, Taken.CORRECTED, Taken.KILLED]
    story = desk.story()
    assert story is not None
    assert (story.current.pubstatus, story.current.note) == (Pubstatus.CANCELED, "It has not opened.")
    assert desk.acts() == [StoryAct.WRITE, *[StoryAct.CORRECT] * 3, StoryAct.KILL]


def test_files_are_taken_in_the_order_of_their_names(desk: Desk) -> None:
    """An update finds the take that it follows, whichever was written first."""
    desk.write("2.json", uri="urn:vna:2", evolvedfrom="urn:vna:1")
    desk.write("1.json")
    assert desk.take() == [Taken.ADDED, Taken.ADDED]
    second, first = desk.story("urn:vna:2"), desk.story()
    assert second is not None
    assert first is not None
    assert second.evolved_from == first.id


def test_the_same_bytes_again_do_nothing_and_lie_beside_the_others(desk: Desk) -> None:
    for _ in range(3):
        desk.write("a.json")
        desk.take()
    assert desk.acts() == [StoryAct.WRITE]
    assert len(desk.files()) == 3
    assert all(name.startswith("taken/a") and name.endswith(".json") for name in desk.files())


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        pytest.param(2.0, 1, id="still for two seconds"),
        pytest.param(1.9, 0, id="written just now"),
        pytest.param(-3_600, 0, id="from a clock that is ahead"),
    ],
)
def test_a_file_is_taken_when_it_is_still(desk: Desk, age: float, taken: int) -> None:
    desk.write("a.json", age=age)
    done = desk.folder.round(LATER)
    assert (len(done.handed), done.waiting) == (taken, 1 - taken)


def test_what_is_no_document_of_ours_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    """No link is followed, wherever it points; no pipe is waited for."""
    secret = tmp_path / "secret.json"
    secret.write_bytes(document())
    (desk.path / "link.json").symlink_to(secret)
    (desk.path / "gone.json").symlink_to(tmp_path / "none")
    (desk.path / "sub").mkdir()
    (desk.path / "sub" / "x.json").write_bytes(document())
    os.mkfifo(desk.path / "pipe.json")
    for name in (".hidden.json", "a.json.tmp", "a.PART"):
        desk.write(name)
    before = desk.files()
    assert desk.take() == []
    assert desk.files() == before
    assert desk.story() is None


def test_what_was_a_file_and_is_a_link_when_it_is_opened_is_not_followed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the list of names alone would have let it through."""
    (tmp_path / "secret.json").write_bytes(document())
    (desk.path / "a.json").symlink_to(tmp_path / "secret.json")
    monkeypatch.setattr(room, "_ripe", lambda *_: (["a.json"], 0))
    assert desk.take() == [None]
    assert desk.story() is None
    assert (desk.path / "refused" / "a.json").is_symlink()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"{", "no JSON", id="half a document"),
        pytest.param(document(urgency=12, headlin="x"), "/urgency: ", id="several faults"),
        pytest.param(b" " * (LARGEST + 1), "4194305 bytes", id="too large"),
        pytest.param(b"", "this is empty", id="empty"),
        pytest.param(document(pubstatus="canceled"), "nothing to kill", id="a kill of nothing"),
        pytest.param(document(evolvedfrom="urn:none"), "no story urn:none", id="an update of nothing"),
    ],
)
def test_what_is_no_story_is_refused_with_each_fault_beside_it(desk: Desk, data: bytes, said: str) -> None:
    desk.write("a.json", data)
    desk.write("b.json", uri="urn:vna:2")
    assert desk.take() == [None, Taken.ADDED]
    assert desk.files() == {"refused/a.json", "refused/a.json.txt", "taken/b.json"}
    assert (desk.path / "refused" / "a.json").read_bytes() == data
    words = (desk.path / "refused" / "a.json.txt").read_text()
    assert said in words
    if b'"headlin"' in data:
        assert "/headlin: is no key of ninjs; did you mean 'headline'?" in words
        assert len(words.splitlines()) == 2
    desk.write("a.json", data)
    desk.write("a.json.txt", data)
    assert desk.take() == [None, None]
    assert len([name for name in desk.files() if name.startswith("refused/")]) == 6


def item(number: int, headline: str = "One", more: str = "", body: str = "It has 40 engines.") -> str:
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:vna:{number}" xml:lang="en"><itemMeta>{more}</itemMeta>'
        f"<contentMeta><headline>{headline}</headline></contentMeta><contentSet><inlineData>{body}</inlineData></contentSet></newsItem>"
    )


def message(*items: str) -> bytes:
    held = "".join(items)
    return f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{held}</itemSet></newsMessage>'.encode()


FOLLOWS = '<link rel="irel:evolvedFrom" residref="urn:vna:1"/>'
CANCELED = '<pubStatus qcode="stat:canceled"/>'


def test_a_message_of_several_is_a_story_each_in_its_order(desk: Desk) -> None:
    """The second follows the first; then one is corrected, one killed, one stays; the same bytes again do nothing."""
    desk.write("1.xml", message(item(1), item(2, "Two", FOLLOWS), item(3, "Three")))
    done = desk.folder.round(LATER).handed
    assert [(one.name, one.what) for one in done] == [("1.xml", Taken.ADDED)] * 3
    first, second = desk.story("urn:vna:1"), desk.story("urn:vna:2")
    assert first is not None
    assert second is not None
    assert (second.evolved_from, done[0].story, done[1].story) == (first.id, first.id, second.id)
    again = message(item(1, "One, corrected"), item(2, "Two", FOLLOWS + CANCELED), item(3, "Three"))
    for name, did in (("2.xml", [Taken.CORRECTED, Taken.KILLED, Taken.NOTHING]), ("3.xml", [Taken.NOTHING] * 3)):
        desk.write(name, again)
        assert desk.take() == did
    assert desk.files() == {"taken/1.xml", "taken/2.xml", "taken/3.xml"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        pytest.param(item(9, headline=""), "newsItem[2]/contentMeta/headline", id="a fault of the document"),
        pytest.param(
            item(9, more=FOLLOWS.replace("vna:1", "none")), "urn:vna:9: evolvedfrom: there is no story urn:none", id="an update of none"
        ),
        pytest.param(item(9, more=CANCELED), "urn:vna:9: pubstatus", id="a kill of none"),
        pytest.param(item(4, "Again"), "urn:vna:4: ", id="a story that was killed"),
    ],
)
def test_of_a_message_with_one_that_cannot_be_taken_none_is(desk: Desk, bad: str, said: str) -> None:
    """The control: without it the others are."""
    desk.write("0.xml", message(item(4), item(5)))
    desk.write("1.xml", message(item(4, more=CANCELED), item(5)))
    desk.take()
    desk.write("2.xml", message(item(1), bad, item(3)))
    assert desk.take() == [None]
    assert [desk.story(f"urn:vna:{number}") for number in (1, 3, 9)] == [None] * 3
    assert said in (desk.path / "refused" / "2.xml.txt").read_text()
    desk.write("3.xml", message(item(1), item(3)))
    assert desk.take() == [Taken.ADDED, Taken.ADDED]


def test_a_killed_story_is_not_written_again(desk: Desk) -> None:
    desk.write("a.json")
    desk.write("b.json", pubstatus="canceled")
    desk.write("c.json", headline="Two")
    assert desk.take() == [Taken.ADDED, Taken.KILLED, None]
    assert "final" in (desk.path / "refused" / "c.json.txt").read_text()


def test_where_a_document_cannot_be_kept_it_stays_and_so_does_what_comes_after(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("a.json")
    desk.write("b.json", uri="urn:vna:2")

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "record", full)
        with pytest.raises(StorageError):
            desk.take()
    assert desk.files() == {"a.json", "b.json"}
    assert desk.story() is None
    assert desk.take() == [Taken.ADDED, Taken.ADDED]


def test_where_nothing_can_be_moved_nothing_is_taken(desk: Desk, tmp_path: Path) -> None:
    """Else it would be taken again, after what came later. `taken` may not lead elsewhere, either."""
    (desk.path / "taken").symlink_to(tmp_path)
    desk.write("a.json")
    with pytest.raises(InputError, match="cannot be used"):
        desk.take()
    assert desk.story() is None
    assert not (tmp_path / "a.json").exists()
    with pytest.raises(InputError, match="cannot be used"):
        Folder(desk.folder.newsroom, tmp_path / "none").round(LATER)


def test_one_process_takes_at_a_time(desk: Desk) -> None:
    desk.write("a.json")
    with desk.folder._alone():
        assert desk.folder.round(LATER) == Round()
    assert desk.take() == [Taken.ADDED]


def test_what_was_kept_and_not_moved_is_only_moved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed between the two: an older document never comes after a newer one. The control: without the hash it does."""
    desk.write("a.json")
    desk.write("b.json", headline="Two")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(room._Aside, "move", killed)
        with pytest.raises(Killed):
            desk.take()
    assert desk.acts() == [StoryAct.WRITE]
    assert desk.take() == [Taken.NOTHING, Taken.CORRECTED]
    assert desk.acts() == [StoryAct.WRITE, StoryAct.CORRECT]
    desk.write("c.json", headline="Three")
    with monkeypatch.context() as patched:
        patched.setattr(room._Aside, "move", killed)
        with pytest.raises(Killed):
            desk.take()
    Newsroom(desk.exchange.database, desk.exchange.settings).correct("urn:vna:1", document(headline="By hand"), None, "mai", LATER)
    with monkeypatch.context() as patched:
        patched.setattr(submissions, "last", lambda *_: None)
        assert desk.take() == [Taken.CORRECTED]
    assert desk.acts() == [StoryAct.WRITE, *[StoryAct.CORRECT] * 4]


def test_a_name_of_any_bytes_is_taken(desk: Desk) -> None:
    name = os.fsdecode(b"tin \xff\xfe\n1.json")
    desk.write(name)
    assert desk.take() == [Taken.ADDED]
    assert (desk.path / "taken" / name).exists()


@pytest.mark.slow
def test_killed_at_any_moment_each_file_is_taken_once_and_none_is_lost(migrated_sqlite: Path, tmp_path: Path) -> None:
    """D01: 10 times kill -9 while it takes 120 files: each story has its two versions, in their order, and every file is in taken/."""
    path = tmp_path / "desk.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    desk = Desk(Exchange(Database(f"sqlite:///{path}")), tmp_path / "in")
    names = []
    for number in range(60):
        for take in (1, 2):
            names.append(f"{number:03}-{take}.json")
            desk.write(names[-1], uri=f"urn:vna:{number}", headline=f"Story {number}, take {take}")
    for kill in range(10):
        command = [sys.executable, "-m", "tests.intake.taking_until_killed", str(path), str(desk.path), LATER.isoformat()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
            assert child.stdout is not None
            for _ in range(1 + kill % 4):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
    while desk.folder.round(LATER).handed:
        pass
    assert desk.files() == {f"taken/{name}" for name in names}
    for number in range(60):
        assert desk.acts(f"urn:vna:{number}") == [StoryAct.WRITE, StoryAct.CORRECT]
        story = desk.story(f"urn:vna:{number}")
        assert story is not None
        assert story.current.content.headline == f"Story {number}, take 2"


def test_it_is_told_in_the_log(desk: Desk) -> None:
    desk.write("a.json")
    desk.write("b.json", json.dumps([]).encode())
    desk.folder.tick(LATER)
    assert desk.files() == {"taken/a.json", "refused/b.json", "refused/b.json.txt"}
