"""Editors, one-time links, tokens, failed attempts."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syndication import access
from syndication.errors import ConflictError, RefusedError
from syndication.model.account import Editor, FeedToken, NewsroomToken, Role, stands
from syndication.storage import accounts
from syndication.storage.database import Database
from tests import worlds

NOW = worlds.NOW
DAY = timedelta(days=1)


def test_an_editor_comes_back_whole(database: Database) -> None:
    manager = worlds.editor(id="e_2", login="an", role=Role.MANAGER, password_hash="$argon2id$x", keys=False)
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.add(tx, manager)
    with database.read() as tx:
        assert accounts.all(tx) == (manager, worlds.editor())
        assert accounts.by_login(tx, "an") == manager
        assert accounts.by_id(tx, "e_1") == worlds.editor()
        assert accounts.by_login(tx, "none") is None
        assert accounts.by_id(tx, "none") is None


def test_a_login_is_once(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
    with pytest.raises(ConflictError), database.write() as tx:
        accounts.add(tx, worlds.editor(id="e_2"))


@pytest.mark.parametrize("login", ["MAI", "Mai"])
def test_logins_that_differ_in_nothing_but_case_are_one(database: Database, login: str) -> None:
    """Two would be two persons to what asks for a second one."""
    with database.write() as tx:
        accounts.add(tx, worlds.editor(login="mai"))
    told = "there is a user mai already, and logins are told apart by more than capitals"
    with pytest.raises(ConflictError, match=told), database.write() as tx:
        accounts.add(tx, worlds.editor(id="e_2", login=login))


def test_a_new_password_ends_the_sessions(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.set_password(tx, "e_1", "$argon2id$new")
        assert accounts.by_id(tx, "e_1") == worlds.editor(password_hash="$argon2id$new", session=2)


def test_preferences_end_nothing(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.set_preferences(tx, "e_1", language="fr", keys=False)
        assert accounts.by_id(tx, "e_1") == worlds.editor(language="fr", keys=False)


def test_a_link_works_once(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.issue_link(tx, "a" * 64, "e_1", NOW + DAY)
    with database.write() as tx:
        assert accounts.use_link(tx, "b" * 64, NOW) is None
        assert accounts.use_link(tx, "a" * 64, NOW) == worlds.editor()
        assert accounts.use_link(tx, "a" * 64, NOW) is None


def test_a_link_works_in_time(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.issue_link(tx, "a" * 64, "e_1", NOW + DAY)
        assert accounts.use_link(tx, "a" * 64, NOW + DAY) is None
        assert accounts.use_link(tx, "a" * 64, NOW + DAY - timedelta(microseconds=1)) == worlds.editor()


def test_of_many_who_use_a_link_at_once_one_gets_in(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.issue_link(tx, "a" * 64, "e_1", NOW + DAY)
    got: list[Editor | None] = []
    start = threading.Barrier(8)

    def use() -> None:
        start.wait()
        with database.write() as tx:
            got.append(accounts.use_link(tx, "a" * 64, NOW))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(editor is not None for editor in got) == [False] * 7 + [True]


def test_a_new_link_ends_the_one_before(database: Database) -> None:
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        accounts.issue_link(tx, "a" * 64, "e_1", NOW + DAY)
        accounts.issue_link(tx, "b" * 64, "e_1", NOW + DAY)
        assert accounts.use_link(tx, "a" * 64, NOW) is None
        assert accounts.use_link(tx, "b" * 64, NOW) == worlds.editor()


def test_a_token_by_its_digest(peopled: Database) -> None:
    second = worlds.token(id="t_2", created_at=NOW + DAY, expires_at=NOW + 9 * DAY)
    with peopled.write() as tx:
        accounts.issue(tx, worlds.token(), "a" * 64)
        accounts.issue(tx, second, "b" * 64)
    with peopled.read() as tx:
        assert accounts.by_hash(tx, "a" * 64) == worlds.token()
        assert accounts.by_hash(tx, "c" * 64) is None
        assert set(accounts.tokens(tx, "trc")) == {worlds.token(), second}
        assert accounts.tokens(tx, "azertac") == ()


def test_a_revoked_token_says_when(peopled: Database) -> None:
    with peopled.write() as tx:
        accounts.issue(tx, worlds.token(), "a" * 64)
        assert accounts.revoke(tx, "t_1", NOW + DAY)
        assert not accounts.revoke(tx, "t_1", NOW + 2 * DAY)
        assert not accounts.revoke(tx, "none", NOW)
        assert accounts.by_hash(tx, "a" * 64) == replace(worlds.token(), revoked_at=NOW + DAY)


def test_a_newsroom_token_by_its_digest_and_never_as_a_partners(peopled: Database) -> None:
    """A09: the two are kept apart, so that neither is found in the place of the other."""
    ours = NewsroomToken("n_1", "CMS", NOW, NOW + DAY)
    with peopled.write() as tx:
        accounts.issue_newsroom(tx, ours, "a" * 64)
        accounts.issue(tx, worlds.token(), "b" * 64)
        assert accounts.newsroom_by_hash(tx, "a" * 64) == ours
        assert accounts.newsroom_by_hash(tx, "b" * 64) is None
        assert accounts.by_hash(tx, "a" * 64) is None
        assert accounts.newsroom(tx) == (ours,)
        assert accounts.revoke_newsroom(tx, "n_1", NOW)
        assert not accounts.revoke_newsroom(tx, "n_1", NOW + DAY)
        assert not accounts.revoke_newsroom(tx, "t_1", NOW)
        assert accounts.newsroom(tx) == (replace(ours, revoked_at=NOW),)


@pytest.mark.parametrize("kind", [worlds.token(), NewsroomToken("n_1", "CMS", NOW)], ids=["a partner's", "the newsroom's"])
def test_the_use_of_a_token_is_kept_once_a_minute(peopled: Database, kind: FeedToken | NewsroomToken) -> None:
    def now_kept() -> FeedToken | NewsroomToken:
        with peopled.read() as tx:
            return accounts.tokens(tx, "trc")[0] if isinstance(kind, FeedToken) else accounts.newsroom(tx)[0]

    with peopled.write() as tx:
        if isinstance(kind, FeedToken):
            accounts.issue(tx, kind, "a" * 64)
        else:
            accounts.issue_newsroom(tx, kind, "a" * 64)
    for seconds, kept in ((0, 0), (59, 0), (60, 60), (90, 60), (150, 150)):
        access.note_use(peopled, now_kept(), NOW + timedelta(seconds=seconds))
        assert now_kept().last_used_at == NOW + timedelta(seconds=kept)
    with peopled.write() as tx:
        accounts.used(tx, kind, NOW)
    assert now_kept().last_used_at == NOW + timedelta(seconds=150)


def test_where_the_use_cannot_be_kept_nobody_is_hindered(tmp_path: Path) -> None:
    access.note_use(Database(f"sqlite:///{tmp_path / 'none' / 'none.db'}"), worlds.token(), NOW)


def test_a_token_is_rotated_and_the_old_one_gets_an_end(peopled: Database) -> None:
    """A07: label, flows and length of life go over; the old one never lives longer than it was to live."""
    old = worlds.token(expires_at=NOW + 30 * DAY, flows=("to-trc",))
    with peopled.write() as tx:
        accounts.issue(tx, old, "a" * 64)
        made, plain = access.rotate(tx, old, NOW + DAY, timedelta(hours=24))
        assert access.partner_of(tx, plain.encode(), NOW + 2 * DAY) == made
        assert (made.label, made.flows, made.expires_at) == (old.label, ("to-trc",), NOW + 31 * DAY)
        ended = accounts.token(tx, old.id)
        assert ended is not None
        assert ended.expires_at == NOW + 2 * DAY
        assert stands(ended, NOW + 2 * DAY - timedelta(microseconds=1))
        assert not stands(ended, NOW + 2 * DAY)
        access.rotate(tx, ended, NOW + DAY, timedelta(days=9))
        assert accounts.token(tx, old.id) == ended
        with pytest.raises(RefusedError, match="token issue trc"):
            access.rotate(tx, ended, NOW + 2 * DAY, timedelta(hours=1))


def test_failed_attempts_of_one_window(database: Database) -> None:
    with database.write() as tx:
        for seconds in (0, 30, 59):
            accounts.add_attempt(tx, "feeds:192.0.2.1", NOW + timedelta(seconds=seconds))
        accounts.add_attempt(tx, "feeds:192.0.2.2", NOW)
        assert accounts.attempts(tx, "feeds:192.0.2.1", NOW) == 2
        accounts.forget_attempts(tx, NOW + timedelta(seconds=30))
        assert accounts.attempts(tx, "feeds:192.0.2.1", NOW - DAY) == 1
        assert accounts.attempts(tx, "feeds:192.0.2.2", NOW - DAY) == 0


def test_no_secret_is_in_the_file(tmp_path: Path, migrated_sqlite: Path) -> None:
    """A10: who gets the file cannot read as a partner or sign in; the digest, which is there, is the control."""
    path = tmp_path / "x.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    plain, digest = access.new_token()
    with database.write() as tx:
        accounts.add(tx, worlds.editor())
        link = access.issue_sign_in_link(tx, worlds.editor(), NOW)
    with database.write() as tx:
        accounts.issue_link(tx, digest, "e_1", NOW + DAY)
    database.close()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert digest.encode() in written
    assert plain.encode() not in written
    assert link.encode() not in written
