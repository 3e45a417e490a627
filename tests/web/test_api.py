"""Our own newsroom's door: who is let in, what is taken, what is refused and how, and that a request is carried out once."""

import json
import re
import shlex
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from syndication import access
from syndication.errors import ConflictError, StorageError
from syndication.feeds.draft import LARGEST
from syndication.intake.desk import Newsroom
from syndication.model.account import NewsroomToken
from syndication.model.story import StoryAct
from syndication.model.submission import Answer, KeyedRequest
from syndication.settings import Settings
from syndication.storage import accounts, publications, stories, submissions
from syndication.web import api
from tests.media import pictures
from tests.web.exchange import NOW, TO_AZERTAC, TO_TRC, Exchange, story
from tests.web.served import served

DOCUMENT: dict[str, Any] = {"uri": "urn:vna:1", "language": "en", "headline": "Hanoi opens a museum", "body_html": "<p>Of rail.</p>"}


@dataclass
class Cms:
    """Our CMS: asks with its token, and keeps the client that it asks by."""

    exchange: Exchange
    token: str
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.exchange.app().test_client()

    def ask(self, method: str, path: str, document: Any = None, /, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        said = {"Authorization": f"Bearer {self.token}", **named}
        data = document if isinstance(document, bytes) or document is None else json.dumps(document)
        return self.client.open(f"/api{path}", method=method, data=data, headers=said)

    def add(self, **changes: Any) -> str:
        answer = self.ask("POST", "/stories", {**DOCUMENT, **changes})
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def versions(self, story: str) -> list[StoryAct]:
        with self.exchange.database.read() as tx:
            return [one.act for one in stories.versions(tx, story)]


@pytest.fixture
def cms(exchange: Exchange) -> Cms:
    plain, digest = access.new_token(access.NEWSROOM_PREFIX)
    with exchange.database.write() as tx:
        accounts.issue_newsroom(tx, NewsroomToken("n_1", "CMS", NOW), digest)
    return Cms(exchange, plain)


def is_problem(answer: TestResponse, status: int, kind: str = "about:blank") -> dict[str, Any]:
    """The problem (RFC 9457), which says what it has to."""
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    said: dict[str, Any] = answer.get_json()
    assert said["status"] == status
    assert said["type"] == kind or said["type"] == f"tag:vna.example,2025:problem:{kind}"
    assert said["title"]
    assert said["detail"]
    assert said["instance"].startswith("/api/")
    return said


def test_a_new_story_is_released_and_shown(cms: Cms) -> None:
    """H12: what comes in with a title that is no markup goes on as text."""
    answer = cms.ask("POST", "/stories", {**DOCUMENT, "headline": "]]><x>&\ud800 a\u0000b"})
    assert answer.status_code == 201
    said = answer.get_json()
    assert (said["version"], said["pubstatus"], said["headline"], said["uri"]) == (1, "usable", "]]>& ab", "urn:vna:1")
    assert {one["partner"] for one in said["placed"]} == {"trc", "azertac"}
    assert said["fetched"] == []
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"http://127.0.0.1:8800/api/stories/{said['id']}"
    cms.exchange.feed(TO_TRC.id, cms.exchange.token("trc"))
    shown = cms.ask("GET", urlsplit(answer.headers["Location"]).path.removeprefix("/api"))
    assert [(one["partner"], one["flow"], one["kind"]) for one in shown.get_json()["fetched"]] == [("trc", TO_TRC.id, "story")]
    by_uri = cms.ask("GET", "/stories?uri=urn:vna:1")
    assert by_uri.headers["Content-Location"] == answer.headers["Location"]
    assert by_uri.get_json() == shown.get_json() == cms.ask("GET", "/stories/urn:vna:1").get_json()


def test_a_story_that_is_here_says_how_to_correct_it(cms: Cms) -> None:
    identity = cms.add()
    said = is_problem(cms.ask("POST", "/stories", {**DOCUMENT, "headline": "Two"}), 409, "known")
    assert said["story"] == f"http://127.0.0.1:8800/api/stories/{identity}"
    assert f'PUT {said["story"]} with If-Match: "1"' in said["detail"]
    assert cms.versions(identity) == [StoryAct.WRITE]


def test_a_correction_names_the_version_that_it_corrects(cms: Cms) -> None:
    """428 without one (RFC 6585), 412 where another stands (RFC 9110); a list of ETags, and `*`, are taken; a weak one is no version."""
    path = f"/stories/{cms.add()}"
    second = {**DOCUMENT, "headline": "Hanoi opens the museum", "ednote": "The name was wrong."}
    is_problem(cms.ask("PUT", path, second), 428, "version-needed")
    for condition in ('"2"', 'W/"1"', '""', '"01"', '"99999999999"'):
        is_problem(cms.ask("PUT", path, second, If_Match=condition), 412, "another-version")
    for condition in ("1", "", '"1', "\xb2"):
        is_problem(cms.ask("PUT", path, second, If_Match=condition), 400)
    answer = cms.ask("PUT", path, second, If_Match='W/"7", "1"')
    assert (answer.status_code, answer.headers["ETag"], answer.get_json()["note"]) == (200, '"2"', "The name was wrong.")
    is_problem(cms.ask("PUT", path, second, If_Match='"1"'), 412, "another-version")
    assert cms.ask("PUT", path, DOCUMENT, If_Match="*").get_json()["version"] == 3
    is_problem(cms.ask("PUT", path, {**DOCUMENT, "uri": "urn:vna:2"}, If_Match="*"), 422, "not-a-story")


def test_a_story_is_held_lifted_and_killed(cms: Cms) -> None:
    """A hold is withheld everywhere until lifted; a kill is final."""
    path, token = f"/stories/{cms.add()}", cms.exchange.token("azertac")
    assert cms.ask("POST", f"{path}/hold", {"note": "the name is being checked"}).get_json()["pubstatus"] == "withheld"
    assert "museum" not in cms.exchange.feed(TO_AZERTAC.id, token)
    assert cms.ask("PUT", path, {**DOCUMENT, "pubstatus": "usable"}, If_Match="*").get_json()["pubstatus"] == "withheld"
    is_problem(cms.ask("POST", f"{path}/hold", {"note": "again"}), 409, "conflict")
    assert cms.ask("POST", f"{path}/lift", {"note": "it was right"}).get_json()["pubstatus"] == "usable"
    assert "museum" in cms.exchange.feed(TO_AZERTAC.id, token)
    is_problem(cms.ask("POST", f"{path}/lift", {"note": "again"}), 409, "conflict")
    killed = cms.ask("POST", f"{path}/kill", {"note": "It has not opened."})
    assert (killed.get_json()["act"], killed.get_json()["note"]) == ("kill", "It has not opened.")
    assert {one["kind"] for one in killed.get_json()["placed"]} == {"withdrawal"}
    for what in ("kill", "hold", "lift"):
        is_problem(cms.ask("POST", f"{path}/{what}", {"note": "again"}), 409, "conflict")
    is_problem(cms.ask("PUT", path, DOCUMENT, If_Match="*"), 409, "conflict")


def test_an_update_is_a_new_story_that_follows(cms: Cms) -> None:
    first = cms.add()
    answer = cms.ask("POST", "/stories", {**DOCUMENT, "uri": "urn:vna:2", "evolvedfrom": "urn:vna:1"})
    assert answer.get_json()["evolved_from"] == first
    is_problem(cms.ask("POST", "/stories", {**DOCUMENT, "uri": "urn:vna:3", "evolvedfrom": "urn:none"}), 422, "not-a-story")


def test_a_story_in_xml_is_taken_and_its_faults_stand_at_their_xpath(cms: Cms) -> None:
    """Also in UTF-16, whose bytes begin otherwise."""
    nitf = """<nitf xml:lang="en"><head><docdata><doc-id id-string="urn:vna:1"/></docdata></head><body><body.head><hedline><hl1>Hanoi opens
        a museum</hl1></hedline></body.head><body.content><p>Of rail.</p></body.content></body></nitf>"""
    assert cms.ask("POST", "/stories", nitf.encode()).get_json()["headline"] == "Hanoi opens a museum"
    for data in (nitf.replace(' xml:lang="en"', "").encode(), nitf.replace(' xml:lang="en"', "").encode("utf-16")):
        said = is_problem(cms.ask("PUT", "/stories/urn:vna:1", data, If_Match="*"), 422, "not-a-story")
        assert [fault["xpath"] for fault in said["faults"]] == ["/nitf/@xml:lang"]


NONE = "there is no story of our own"


def test_what_is_not_our_own_is_not_here(cms: Cms) -> None:
    """A partner's story is the same as none."""
    cms.exchange.receive(story())
    cms.exchange.seated().post(f"/items/{cms.exchange.item().id}/accept", revision=1)
    theirs = cms.exchange.item().story
    for name in (theirs, "s_none", "x" * 10_000, "%F0%9F%98%80"):
        for method, path in (("GET", ""), ("PUT", ""), ("POST", "/kill"), ("POST", "/hold"), ("POST", "/lift")):
            assert NONE in is_problem(cms.ask(method, f"/stories/{name}{path}", {"note": "x"}, If_Match="*"), 404)["detail"]
    assert NONE in is_problem(cms.ask("GET", "/stories?uri=urn:none"), 404)["detail"]
    is_problem(cms.ask("GET", "/stories"), 400)
    with cms.exchange.database.read() as tx:
        assert {one.kind for one in publications.holding(tx, theirs)} == {"story"}


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        pytest.param({**DOCUMENT, "urgency": 12, "headlin": "x"}, {"/urgency", "/headlin"}, id="a number and a key"),
        pytest.param({**DOCUMENT, "embargoed": "tomorrow"}, {"/embargoed"}, id="an hour nobody can read"),
        pytest.param({}, {"/uri", "/headline", "/language", "/body_html"}, id="nothing"),
        pytest.param({**DOCUMENT, "pubstatus": "canceled"}, set(), id="a kill of nothing"),
        pytest.param(b"", set(), id="no body"),
        pytest.param(b"{", set(), id="half a document"),
        pytest.param(b"[]", set(), id="no object"),
        pytest.param(b'{"uri": NaN}', None, id="no number"),
        pytest.param(b'{"a": ' + b"9" * 1_000_000 + b"}", None, id="a number of a million digits"),
        pytest.param(b"[" * 100_000, None, id="nested without end"),
        pytest.param(b'{"a":' * 2_000 + b"1" + b"}" * 2_000, None, id="objects nested without end"),
        pytest.param(b'{"uri": "a", "uri": "b"}', None, id="a key twice"),
        pytest.param(b"\xff\xfe\xfd", None, id="no text"),
        pytest.param(b"uri=urn:vna:1&headline=x", None, id="a form"),
        pytest.param(("{" + ",".join(f'"k{n}": {n}' for n in range(100_000)) + "}").encode(), None, id="a hundred thousand keys"),
    ],
)
def test_what_is_no_story_is_refused_fault_by_fault_and_nothing_is_kept(cms: Cms, data: Any, pointers: set[str] | None) -> None:
    """B15, X10."""
    said = is_problem(cms.ask("POST", "/stories", data, Idempotency_Key="k"), 422, "not-a-story")
    if pointers is not None:
        assert {fault["pointer"] for fault in said.get("faults", [])} == pointers
    with cms.exchange.database.read() as tx:
        assert stories.recent(tx, 10) == ()
        assert submissions.keyed(tx, "n_1", "k") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'"x"',
        b'{"note": 1}',
        b'{"note": ""}',
        b'{"note": " \\u200b"}',
        b'{"note": "x", "why": 1}',
        b"[" * 60_000,
    ],
    ids=["none", "half", "no text", "a list", "a text", "a number", "empty", "blank", "more", "nested"],
)
def test_a_kill_needs_a_reason(cms: Cms, data: bytes) -> None:
    path = f"/stories/{cms.add()}"
    is_problem(cms.ask("POST", f"{path}/kill", data), 422, "not-a-story")
    is_problem(cms.ask("POST", f"{path}/kill", {"note": "x" * 501}), 422, "not-a-story")
    assert cms.ask("GET", path).get_json()["pubstatus"] == "usable"


def test_who_has_no_token_of_the_newsroom_gets_one_answer(cms: Cms) -> None:
    """A01, A02, A04, A09, A11: none, a wrong one, a partner's, an expired one, a revoked one, one in the address, someone's name."""
    cms.exchange.settings = Settings(attempts_per_minute=1_000)
    client, path = cms.exchange.app().test_client(), f"/api/stories/{cms.add()}"
    with cms.exchange.database.write() as tx:
        spoilt = []
        for name, expires, revoked in (("n_2", NOW, None), ("n_3", None, NOW)):
            plain, digest = access.new_token(access.NEWSROOM_PREFIX)
            accounts.issue_newsroom(tx, NewsroomToken(name, "", NOW - timedelta(days=1), expires, revoked), digest)
            spoilt.append(plain)
    given = ["", "x", f"Bearer {cms.exchange.token('azertac')}", *(f"Bearer {plain}" for plain in spoilt)]
    given += ["Bearer", "Bearer ", "Bearer \xff\xfe", "Bearer " + "a" * 100_000, f"Basic {cms.token}", f"Bearer {cms.token}, Bearer x"]
    answers = {
        (answer.status_code, answer.text, str(answer.headers))
        for answer in (client.get(path, headers={"Authorization": one}) for one in given)
    }
    answers |= {(answer.status_code, answer.text, str(answer.headers)) for answer in [client.get(path, query_string={"token": cms.token})]}
    for name in ("Remote-User", "X-WebAuth-User", "X-Original-URL"):
        answer = client.get(path, headers={name: "n_1"})
        answers.add((answer.status_code, answer.text, str(answer.headers)))
    assert len(answers) == 1
    (status, text, headers) = answers.pop()
    assert status == 401
    assert 'Bearer realm="newsroom"' in headers
    assert cms.token not in text
    for method, path in (("POST", "/stories"), ("PUT", "/stories/s_1"), ("POST", "/stories/s_1/kill"), ("GET", "/stories?uri=x")):
        is_problem(client.open(f"/api{path}", method=method, json=DOCUMENT), 401)


def test_the_newsrooms_token_opens_no_feed(cms: Cms) -> None:
    """A09; the control: the partner's own does."""
    client = cms.exchange.app().test_client()
    for token, status in ((cms.token, 401), (cms.exchange.token("trc"), 200)):
        assert client.get(f"/feeds/{TO_TRC.id}.atom", headers={"Authorization": f"Bearer {token}"}).status_code == status


def test_a_token_ends_at_the_next_request_and_its_use_is_kept(cms: Cms) -> None:
    """A06."""
    cms.add()
    with cms.ask("GET", "/stories/urn:vna:1") as answer:
        assert answer.status_code == 200
    with cms.exchange.database.write() as tx:
        assert [one.last_used_at for one in accounts.newsroom(tx)] == [NOW]
        accounts.revoke_newsroom(tx, "n_1", NOW)
    is_problem(cms.ask("GET", "/stories/urn:vna:1"), 401)


def test_wrong_tokens_are_slowed_down_and_the_right_one_is_not(cms: Cms) -> None:
    """A05."""
    client = cms.exchange.app().test_client()
    wrong = {"Authorization": "Bearer x"}
    statuses = [client.get("/api/stories/x", headers={**wrong, "X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    slowed = client.get("/api/stories/x", headers=wrong)
    assert is_problem(slowed, 429)
    assert slowed.headers["Retry-After"] == "60"
    cms.add()
    cms.exchange.clock.pass_by(minutes=2)
    assert client.get("/api/stories/x", headers=wrong).status_code == 401


def test_another_site_hands_nothing_in(cms: Cms) -> None:
    """W01: a page of another site may not use a token that it has come by, either."""
    is_problem(cms.ask("POST", "/stories", DOCUMENT, Sec_Fetch_Site="cross-site"), 403)


def test_what_goes_wrong_here_is_told_as_a_problem(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    is_problem(cms.ask("DELETE", "/stories/x"), 405)
    assert cms.ask("DELETE", "/stories/x").headers["Allow"]
    is_problem(cms.ask("GET", "/none"), 404)
    is_problem(cms.ask("POST", "/stories", DOCUMENT, Content_Encoding="gzip"), 415)
    is_problem(cms.ask("GET", "/stories?uri=%00"), 400)

    def full(*_: object) -> None:
        raise StorageError("the disk under the database is full")

    monkeypatch.setattr(stories, "write", full)
    answer = cms.ask("POST", "/stories", DOCUMENT)
    assert is_problem(answer, 503)["detail"] == "the disk under the database is full"
    assert answer.headers["Retry-After"] == "5"


# A request, once.


def test_the_same_request_again_is_answered_as_the_first_time(cms: Cms) -> None:
    first = cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key='"8e03978e"')
    cms.ask("POST", f"/stories/{first.get_json()['id']}/kill", {"note": "x"})
    again = cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key='"8e03978e"')
    assert (again.status_code, again.data, again.headers["Location"], again.headers["ETag"]) == (
        201,
        first.data,
        first.headers["Location"],
        '"1"',
    )


def test_a_correction_that_came_twice_is_one(cms: Cms) -> None:
    """Though the version that it names stands no longer."""
    path = f"/stories/{cms.add()}"
    for _ in range(2):
        assert cms.ask("PUT", path, {**DOCUMENT, "headline": "Two"}, If_Match='"1"', Idempotency_Key="k").get_json()["version"] == 2
        assert cms.ask("POST", f"{path}/hold", {"note": "x"}, Idempotency_Key="h").get_json()["version"] == 3
    assert cms.versions(cms.ask("GET", path).get_json()["id"]) == [StoryAct.WRITE, StoryAct.CORRECT, StoryAct.HOLD]


def test_a_key_is_for_one_request_of_one_token(cms: Cms) -> None:
    identity = cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k").get_json()["id"]
    for method, path, document, condition in (
        ("POST", "/stories", {**DOCUMENT, "uri": "urn:vna:2"}, "*"),
        ("PUT", f"/stories/{identity}", DOCUMENT, "*"),
        ("POST", f"/stories/{identity}/kill", {"note": "x"}, "*"),
    ):
        is_problem(cms.ask(method, path, document, If_Match=condition, Idempotency_Key="k"), 422, "key-reused")
    plain, digest = access.new_token(access.NEWSROOM_PREFIX)
    with cms.exchange.database.write() as tx:
        accounts.issue_newsroom(tx, NewsroomToken("n_2", "", NOW), digest)
    other = Cms(cms.exchange, plain)
    assert other.ask("POST", "/stories", {**DOCUMENT, "uri": "urn:vna:2"}, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\xe9", "a\tb"])
def test_a_key_that_is_none_is_refused(cms: Cms, key: str) -> None:
    is_problem(cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key=key), 400)


def test_a_key_is_kept_for_a_day(cms: Cms) -> None:
    cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k")
    cms.exchange.clock.pass_by(hours=23, minutes=59)
    assert cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k").status_code == 201
    cms.exchange.clock.pass_by(minutes=1)
    is_problem(cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k"), 409, "known")


def test_what_failed_leaves_its_key_free(cms: Cms) -> None:
    is_problem(cms.ask("POST", "/stories", {**DOCUMENT, "urgency": 12}, Idempotency_Key="k"), 422, "not-a-story")
    assert cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k").status_code == 201


def test_the_answer_is_kept_with_the_story_or_neither_is(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one transaction: what breaks between the two leaves no story of which the CMS was not told."""
    with monkeypatch.context() as patched:

        def broken(*_: object) -> None:
            raise StorageError("the disk is full")

        patched.setattr(submissions, "answer", broken)
        is_problem(cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k"), 503)
    with cms.exchange.database.read() as tx:
        assert stories.recent(tx, 10) == ()
    assert cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k").status_code == 201


def test_a_request_that_broke_off_is_begun_again_after_a_minute(cms: Cms) -> None:
    """Its process was killed: the key is claimed, and nothing was done. If it lives after all, what it did is not kept."""
    body = json.dumps(DOCUMENT).encode()
    with cms.exchange.app().test_request_context("/api/stories", method="POST"):
        dead = KeyedRequest("n_1", "k", api._mark(body), NOW)
    with cms.exchange.database.write() as tx:
        submissions.claim(tx, dead)
    is_problem(cms.ask("POST", "/stories", body, Idempotency_Key="k"), 409, "key-in-use")
    cms.exchange.clock.pass_by(minutes=1)
    answer = cms.ask("POST", "/stories", body, Idempotency_Key="k")
    assert answer.status_code == 201
    with cms.exchange.database.write() as tx:
        with pytest.raises(ConflictError, match="took so long"):
            submissions.answer(tx, dead, Answer(201, (), ""))
        submissions.give_up(tx, dead)
        assert submissions.keyed(tx, "n_1", "k") is not None


def test_of_two_at_once_one_is_carried_out_and_the_other_told_to_wait(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever process they come to. The first stands still in the midst of its act while the second asks."""
    inside, go_on = threading.Event(), threading.Event()
    read = Newsroom.add

    def slow(*args: Any, **more: Any) -> Any:
        inside.set()
        assert go_on.wait(20)
        return read(*args, **more)

    answers: list[TestResponse] = []
    monkeypatch.setattr(Newsroom, "add", slow)
    thread = threading.Thread(target=lambda: answers.append(cms.ask("POST", "/stories", DOCUMENT, Idempotency_Key="k")))
    thread.start()
    try:
        assert inside.wait(20)
        second = Cms(cms.exchange, cms.token).ask("POST", "/stories", DOCUMENT, Idempotency_Key="k")
        assert second.headers["Retry-After"] == "1"
        is_problem(second, 409, "key-in-use")
    finally:
        go_on.set()
        thread.join(20)
    assert answers[0].status_code == 201
    assert Cms(cms.exchange, cms.token).ask("POST", "/stories", DOCUMENT, Idempotency_Key="k").data == answers[0].data


# Renditions.


@pytest.fixture
def uploading(cms: Cms, tmp_path: Path) -> Cms:
    cms.exchange.settings = Settings(data=str(tmp_path), media_bytes=100_000)
    cms.client = cms.exchange.app().test_client()
    return cms


def named(href: str) -> dict[str, Any]:
    """The document, with this picture."""
    picture = {"renditions": [{"name": "main", "href": href, "contenttype": "image/jpeg"}], "headline": "The museum"}
    return {**DOCUMENT, "associations": [picture]}


def test_an_uploaded_picture_goes_out_with_its_story(uploading: Cms) -> None:
    """Under the gate, at an address of the partner's own; the same picture again is the same. What it is is found out, not believed."""
    data = pictures.png()
    first, again = (uploading.ask("POST", "/renditions", data, Content_Type="image/png") for _ in range(2))
    assert first.status_code == 201
    assert first.get_json() == again.get_json()
    assert first.get_json()["media_type"] == "image/png"
    added = uploading.ask("POST", "/stories", named(first.get_json()["href"]))
    assert added.get_json()["renditions"][0]["media_type"] == "image/png"
    token = uploading.exchange.token("azertac")
    address = re.findall(rf"/media/{TO_AZERTAC.id}/[0-9a-f]{{64}}", uploading.exchange.feed(TO_AZERTAC.id, token))[0]
    client = uploading.exchange.app().test_client()
    assert client.get(address).status_code == 401
    with client.get(address, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert (answer.status_code, answer.content_type) == (200, "image/png")
        assert len(answer.data) == first.get_json()["length"]


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        pytest.param(pictures.HTML, "image/png", 422, id="a page that says that it is a picture"),
        pytest.param(pictures.png(), "image/jpeg", 422, id="another kind than it says"),
        pytest.param(b"", "image/png", 422, id="nothing"),
        pytest.param(pictures.png() + b"x" * 100_000, "image/png", 413, id="too large"),
    ],
)
def test_what_is_no_rendition_is_refused(uploading: Cms, tmp_path: Path, data: bytes, media_type: str, status: int) -> None:
    """W07, W09: nothing of it is kept."""
    is_problem(
        uploading.ask("POST", "/renditions", data, Content_Type=media_type), status, "not-a-story" if status == 422 else "about:blank"
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "media" in path.parts] == []


def test_who_uploads_has_a_token_of_the_newsroom(uploading: Cms) -> None:
    """A09."""
    client = uploading.exchange.app().test_client()
    for headers in ({}, {"Authorization": f"Bearer {uploading.exchange.token('trc')}"}):
        is_problem(client.post("/api/renditions", data=pictures.png(), headers={**headers, "Content-Type": "image/png"}), 401)
    is_problem(uploading.ask("POST", "/renditions", pictures.png(), Content_Encoding="gzip"), 415)


def test_a_picture_that_was_never_uploaded_is_no_part_of_a_story(uploading: Cms) -> None:
    for name in ("0" * 64, "../../secret.key", ""):
        said = is_problem(uploading.ask("POST", "/stories", named(f"http://127.0.0.1:8800/api/renditions/{name}")), 422, "not-a-story")
        assert "upload it again" in said["detail"]


# Bodies that are too large.


def chunked(base: str, token: str, path: str, size: int, piece: int = 256 * 1024) -> tuple[int, bytes]:
    """Send so many bytes in chunks, over a socket of our own; the status and the rest of the answer."""
    where = urlsplit(base)
    with socket.create_connection((str(where.hostname), where.port or 80), timeout=20) as sock:
        head = f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n"
        sock.sendall(f"{head}Connection: close\r\n\r\n".encode())
        for start in range(0, size, piece):
            part = b" " * min(piece, size - start)
            sock.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        sock.sendall(b"0\r\n\r\n")
        answer = b""
        while more := sock.recv(65536):
            answer += more
    return int(answer.split(b" ", 2)[1]), answer


@pytest.fixture
def base(cms: Cms) -> Iterator[str]:
    with served(cms.exchange.app(), cms.exchange.settings) as where:
        yield where


@pytest.mark.parametrize(
    ("size", "status"),
    [
        pytest.param(LARGEST, 422, id="as large as may be: read whole, and no story"),
        pytest.param(LARGEST + 1, 413, id="a byte more"),
        pytest.param(LARGEST * 2, 413, id="twice as much"),
    ],
)
def test_a_chunked_body_over_the_limit_is_413_and_never_cut(cms: Cms, base: str, size: int, status: int) -> None:
    """W09, W10."""
    found, answer = chunked(base, cms.token, "/api/stories", size)
    assert found == status
    if status == 422:
        assert b"application/problem+json" in answer


def test_a_story_before_the_limit_is_never_taken_from_a_body_beyond_it(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    """W10: also under a server that hands the chunks on as they come. The control: read as Werkzeug reads by itself, the body is cut at
    the limit, and a whole story is left of it.
    """
    whole = json.dumps(DOCUMENT).encode()
    data = whole + b" " * (LARGEST + 1 - len(whole)) + b"and more"

    def send() -> TestResponse:
        headers = {"Authorization": f"Bearer {cms.token}", "Transfer-Encoding": "chunked"}
        streamed = {"wsgi.input_terminated": True}
        return cms.client.post("/api/stories", input_stream=BytesIO(data), headers=headers, environ_overrides=streamed)

    is_problem(send(), 413)

    def cut(most: int) -> bytes:
        request.max_content_length = most
        return request.stream.read()

    monkeypatch.setattr(api, "_body", cut)
    assert send().status_code == 201


def test_a_body_that_says_that_it_is_too_large_is_413(cms: Cms) -> None:
    """W09."""
    is_problem(cms.ask("POST", "/stories", b" " * (LARGEST + 2)), 413)
    is_problem(cms.ask("POST", "/stories", b" " * (LARGEST + 1)), 413)
    is_problem(cms.ask("POST", f"/stories/{cms.add()}/kill", b" " * (api.LARGEST_ACT + 1)), 413)


def test_addresses_of_any_length_are_looked_up_as_they_stand(cms: Cms) -> None:
    """X05: no limit, no offset, nothing to clamp; a long one is not found."""
    for query in ("?uri=" + "x" * 10_000, "?uri=urn:none&limit=1000000000&offset=9999999999"):
        is_problem(cms.ask("GET", f"/stories{query}"), 404)


# The page for engineers of the CMS.

PAGE = (Path(__file__).parents[2] / "docs" / "hand-in.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("curl ")]


def test_the_examples_of_the_page_are_answered_as_it_says(cms: Cms, tmp_path: Path) -> None:
    """Each line of it, one after the other, as curl would send it."""
    cms.exchange.settings = Settings(data=str(tmp_path))
    story_file = re.findall(r"```json\n(.*?)```", PAGE, re.S)[0]
    client, known = cms.exchange.app().test_client(), {"TOKEN": cms.token}
    assert len(LINES) == 13
    for line in LINES:
        words = shlex.split(Template(line).substitute(known) if "STORY" in known else line.replace("$TOKEN", cms.token), comments=True)
        method, url = "GET", ""
        headers: dict[str, str] = {}
        data: str | bytes | None = None
        words.pop(0)
        while words:
            word = words.pop(0)
            if word == "-X":
                method = words.pop(0)
            elif word == "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            elif word in ("-d", "--data-binary"):
                data = words.pop(0)
                data = {"@story.json": story_file, "@picture.png": pictures.png()}.get(data, data)
            else:
                url = word
        answer = client.open(url.removeprefix("https://syndication.example"), method=method, headers=headers, data=data)
        assert answer.status_code == int(line[-3:]), (line, answer.text)
        if answer.status_code == 201 and "STORY" not in known:
            known["STORY"] = answer.get_json()["id"]
