"""Agreements at the desk: read, written, amended, suspended and ended; a second person for what widens; documents and activities."""

import hashlib
import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from syndication.agreements import writing
from syndication.model.agreement import Act, ActKind, ContentType, Dossier, Obligation, Period
from syndication.model.partner import Direction
from syndication.model.proposal import ProposalState
from syndication.storage import activities, agreements, events, proposals
from syndication.web import app as desk_app
from syndication.web.agreements import LARGEST_DOCUMENT
from syndication.web.app import LARGEST_FORM
from syndication.web.door import LARGEST_BODY
from tests import worlds
from tests.web.exchange import AGREEMENTS, PASSWORD, Exchange, Visitor, story, words

TRC = AGREEMENTS[0]
LATER = date(2026, 12, 1)


def as_toml(dossier: Dossier) -> str:
    """The text of its file."""
    return writing.toml(writing.agreement(dossier))


def text_of(**changes: Any) -> str:
    """The agreement with TRC, as the version after it."""
    return as_toml(Dossier((worlds.agreement(**{"grants": TRC.grants, "version": 2, "since": LATER, **changes}),)))


NARROWER = text_of(grants=(worlds.grant(types=(ContentType.TEXT,), languages=("en",), terms=TRC.grants[0].terms), TRC.grants[1]))
WIDER = text_of(grants=(worlds.grant(languages=("*",), terms=TRC.grants[0].terms), TRC.grants[1]))


def previewed(visitor: Visitor, text: str) -> TestResponse:
    return visitor.post("/writing", text=text)


def taken(visitor: Visitor, text: str, **fields: Any) -> TestResponse:
    """Look at what it would do, then press the button."""
    found = re.search(r'name="seen" value="(\d+)"', previewed(visitor, text).text)
    assert found
    return visitor.post("/writing/take", text=text.replace("\n", "\r\n"), **{"seen": found.group(1), **fields})


def proposed(exchange: Exchange, text: str = WIDER) -> str:
    """The address of a proposal of Lan's."""
    answer = taken(exchange.seated("lan"), text)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address.startswith("/proposals/")
    return str(address)


def decided(visitor: Visitor, address: str) -> TestResponse:
    found = re.search(r'name="seen" value="(\d+)"', visitor.get(address).text)
    return visitor.post(f"{address}/sign-off", seen=found.group(1) if found else "")


def versions(exchange: Exchange, reference: str = "vna-trc-2025") -> list[int]:
    with exchange.database.read() as tx:
        dossier = agreements.register(tx, "vna").dossier(reference)
    return [one.version for one in dossier.versions] if dossier else []


def acts(exchange: Exchange) -> tuple[Act, ...]:
    with exchange.database.read() as tx:
        dossier = agreements.register(tx, "vna").dossier("vna-trc-2025")
    assert dossier is not None
    return dossier.acts


def test_the_page_shows_terms_duties_and_who_recorded_what(exchange: Exchange) -> None:
    duty = Obligation("4.1", Direction.OUTBOUND, "texts in English", 10, 40, Period.DAY, types=(ContentType.TEXT,), languages=("en",))
    kills = Obligation("4.2", Direction.INBOUND, "kills", within_minutes=15)
    assert taken(exchange.seated("lan"), text_of(obligations=(duty, kills), since=date(2026, 11, 24))).status_code == 303
    page = words(exchange.seated().get("/agreements/vna-trc-2025"))
    assert "4.1 ours: texts in English at least 10, at most 40 a day (offered, text, English) 0 until" in page
    assert "on course" in page
    assert "4.2 theirs: kills within 15 minutes — not counted here" in page
    assert "v2: from 24 Nov 2026 recorded 24 Nov 2026 15:00, lan" in page
    assert "lan: applied. version 2 of vna-trc-2025 from 2026-11-24: obligations" in page


def test_the_list_says_by_when_notice_is_to_be_given(exchange: Exchange) -> None:
    term = worlds.term(until=date(2027, 5, 5), renewal_months=12, notice_days=90)
    assert taken(exchange.seated("lan"), text_of(term=term)).status_code == 303
    exchange.clock.pass_by(days=8)
    for path in ("/agreements", "/agreements/vna-trc-2025"):
        assert "renews, unless notice is given by 4 Feb 2027" in words(exchange.seated().get(path))
    exchange.act("vna-trc-2025", ActKind.NOTICE, LATER)
    assert "renews, unless" not in words(exchange.seated().get("/agreements"))


@pytest.mark.parametrize("path", ["/agreements", "/status"])
def test_what_cannot_be_read_is_told_loudly(exchange: Exchange, path: str) -> None:
    """On the list of agreements, where it is missing, and on the page that says whether all is well."""
    assert 'role="alert"' not in exchange.seated().get(path).text
    with exchange.database.write() as tx:
        tx.connection.execute(text("UPDATE agreements SET value = '{}' WHERE reference = 'vna-trc-2025'"))
    page = exchange.seated().get(path)
    assert 'role="alert"' in page.text
    assert "vna-trc-2025 cannot be read: nothing flows under it" in words(page)
    assert "cannot be read by this version" in words(page)


def test_an_editor_reads_and_is_offered_nothing_to_write(exchange: Exchange) -> None:
    proposed(exchange)
    for path in ("/agreements", "/agreements/vna-trc-2025", "/proposals"):
        page = exchange.seated("mai").get(path).text
        assert "/writing" not in page
        assert "<form" not in page.partition("<main")[2].partition("</main")[0]
        assert "vna-trc-2025" in page


def test_a_text_with_faults_is_given_back_whole(exchange: Exchange) -> None:
    """Each fault with its key and line, linked to the text; what was typed is there, whatever it was."""
    typed = NARROWER.replace("use_days", "use_dais") + "\n# <b>a note</b> &amp; of mine\n"
    answer = previewed(exchange.seated("lan"), typed)
    assert answer.status_code == 422
    line = typed[: typed.index("use_dais")].count("\n") + 1
    assert f'<a href="#text" data-line="{line}">' in answer.text
    assert "did you mean 'use_days'?" in words(answer)
    assert re.search(r'role="alert" id="faults">\s*<strong>1 fault: nothing is taken', answer.text)
    found = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', answer.text, re.S)
    assert found
    assert (
        found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&") == typed
    )
    assert versions(exchange) == [1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "is empty", id="nothing"),
        pytest.param("a = ", "is no TOML", id="no TOML"),
        pytest.param("a = \x00", "is no TOML", id="NUL"),
        pytest.param('reference = "x"', "is missing", id="almost nothing"),
        pytest.param(text_of(version=1, title="Another"), "write version = 2", id="a signed version rewritten"),
        pytest.param(text_of(version=3), "or the next, 2", id="a version left out"),
        pytest.param(text_of(parties=("vna", "azertac")), "partners/trc, flows[0].agreement", id="a flow left without its party"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_both_doors(exchange: Exchange, text: str, says: str) -> None:
    manager = exchange.seated("lan")
    for path in ("/writing", "/writing/take"):
        answer = manager.post(path, text=text, seen="3")
        assert answer.status_code == 422
        assert says in words(answer)
    assert versions(exchange) == [1]


def test_what_narrows_is_saved_by_one_person(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    page = words(previewed(manager, NARROWER))
    assert "version 2 of vna-trc-2025 from 2026-12-01: grants" in page
    assert "It widens no right" in page
    assert "goes on trc-en (TRC, comes in), from 1 Dec 2026 00:00." in page
    assert versions(exchange) == [1]
    answer = taken(manager, NARROWER)
    assert answer.headers["Location"] == "/agreements/vna-trc-2025"
    assert versions(exchange) == [1, 2]


def test_an_amendment_begins_with_what_stands(exchange: Exchange) -> None:
    page = exchange.seated("lan").get("/writing?amend=vna-trc-2025").text
    assert "version = 2\nsince = 2026-11-25" in page
    assert "onward_partners = [\n    &#34;azertac&#34;,\n]" in page
    assert exchange.seated("lan").get("/writing?amend=none").status_code == 404


def test_a_new_agreement_begins_with_the_shortest(exchange: Exchange) -> None:
    page = exchange.seated("lan").get("/writing").text
    assert "parties = [&#34;vna&#34;, &#34;&#34;]" in page
    draft = as_toml(Dossier((worlds.agreement(reference="vna-trc-2027", signed_on=None),)))
    assert taken(exchange.seated("lan"), draft).headers["Location"] == "/agreements/vna-trc-2027"
    # A draft is written on as it is.
    assert "version = 1" in exchange.seated("lan").get("/writing?amend=vna-trc-2027").text
    signed = taken(exchange.seated("lan"), as_toml(Dossier((worlds.agreement(reference="vna-trc-2027"),))))
    assert signed.headers["Location"].startswith("/proposals/")


def test_what_widens_is_signed_off_by_somebody_else(exchange: Exchange) -> None:
    """The first cannot, by the page nor by the address; the second sees what it widens."""
    address = proposed(exchange)
    assert versions(exchange) == [1]
    first, second = exchange.seated("lan"), exchange.seated("minh")
    assert "1 waits" in words(second.get("/agreements"))
    assert "A change waits for a second person" in words(second.get("/agreements/vna-trc-2025"))
    assert "Another manager signs it off" in words(first.get(address))
    assert "/sign-off" not in first.get(address).text
    refused = decided(first, address)
    assert refused.status_code == 403
    assert "signed off by another manager" in words(refused)
    page = words(second.get(address))
    assert "2.1: text, picture in every language about every subject comes in, and did not" in page
    assert 'languages = [ - "en", - "ru", + "*", ]' in page
    assert decided(second, address).headers["Location"] == "/agreements/vna-trc-2025"
    assert versions(exchange) == [1, 2]
    assert "lan, signed off by minh" in words(second.get("/agreements/vna-trc-2025"))
    assert "signed off: minh" in words(second.get(address))
    assert decided(second, address).status_code == 409


def test_a_draft_is_rehearsed_on_the_traffic_there_was(exchange: Exchange) -> None:
    """What came in on the day: under a draft without pictures and Russian, item by item, with the clause that decides; and back."""
    exchange.receive(story(1, headline="A story in English"))
    exchange.receive(story(2, headline="<b>Russian</b>", language="ru"))
    exchange.clock.pass_by(hours=1)
    manager = exchange.seated("lan")
    answer = manager.post("/writing/rehearse", text=NARROWER)
    assert answer.status_code == 200
    page = words(answer)
    assert "comes in newly refused 1 language vna-trc-2025 v2, 2.1" in page
    assert "comes in let as before 1 subject vna-trc-2025 v2, 2.1" in page
    assert "<b>Russian</b> 24 Nov 2026 15:00 newly refused subject: medtop:04000000" in page
    assert "language: ru is not among what is granted: en (vna-trc-2025 v2, 2.1)" in page
    assert "<b>Russian" not in answer.text
    assert versions(exchange) == [1]
    assert re.search(r'<textarea name="text" hidden>\nreference = &#34;vna-trc-2025', answer.text)
    refused = manager.post("/writing/rehearse", text=NARROWER.replace("use_days", "use_dais"))
    assert refused.status_code == 422
    assert "did you mean 'use_days'?" in words(refused)
    alone = as_toml(Dossier((worlds.agreement(reference="vna-trc-2027", since=date(2025, 6, 1)),)))
    nowhere = manager.post("/writing/rehearse", text=alone)
    assert nowhere.status_code == 422
    assert "no flow names vna-trc-2027" in words(nowhere)


def test_an_editor_signs_nothing_off(exchange: Exchange) -> None:
    address = proposed(exchange)
    editor = exchange.seated("mai")
    assert "/sign-off" not in editor.get(address).text
    for path in ("/sign-off", "/turn-down"):
        assert editor.post(address + path, seen="3", reason="x").status_code == 403
    assert versions(exchange) == [1]


def test_a_proposal_is_turned_down_with_a_reason(exchange: Exchange) -> None:
    address = proposed(exchange)
    second = exchange.seated("minh")
    assert second.post(f"{address}/turn-down", reason=" ").status_code == 422
    assert second.post(f"{address}/turn-down", reason="not before the talks").headers["Location"] == "/proposals"
    assert "turned down" in words(second.get("/proposals"))
    assert "not before the talks" in words(second.get(address))
    mine = proposed(exchange)
    assert exchange.seated("lan").post(f"{mine}/turn-down", reason="a slip").status_code == 303
    with exchange.database.read() as tx:
        found = proposals.get(tx, mine.rpartition("/")[2])
    assert found is not None
    assert found.state is ProposalState.TAKEN_BACK


def test_a_stale_proposal_says_so(exchange: Exchange) -> None:
    address = proposed(exchange)
    second = exchange.seated("minh")
    seen = re.search(r'name="seen" value="(\d+)"', second.get(address).text)
    assert seen
    assert taken(second, NARROWER).status_code == 303
    answer = second.post(f"{address}/sign-off", seen=seen.group(1))
    assert answer.status_code == 409
    assert "does not fit the agreements as they stand now" in words(answer)
    assert "/sign-off" not in second.get(address).text
    assert second.post(f"{address}/turn-down", reason="stale").status_code == 303


def test_what_was_not_seen_is_not_taken(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    answer = manager.post("/writing/take", text=NARROWER, seen="1")
    assert answer.status_code == 409
    assert "changed meanwhile" in words(answer)
    assert versions(exchange) == [1]


def test_an_agreement_is_changed_with_a_fresh_password(exchange: Exchange) -> None:
    """W05: writing, an act and a sign-off; with it they are done."""
    address = proposed(exchange)
    first, second = exchange.seated("lan"), exchange.seated("minh")
    exchange.clock.pass_by(minutes=20)
    act = "/agreements/vna-trc-2025/acts/suspend"
    given = {"on": "2026-12-01", "reason": "talks"}
    for answer in (taken(first, NARROWER), first.post(act, **given), decided(second, address)):
        assert answer.status_code == 403
        assert "Your password is needed for this" in words(answer)
    assert versions(exchange) == [1]
    assert acts(exchange) == ()
    assert first.post(act, **given, password=PASSWORD).status_code == 303


def test_an_act_is_shown_then_done(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    act = "/agreements/vna-trc-2025/acts/suspend"
    form = words(manager.get(act))
    assert "What it does to the flows" not in form
    page = words(manager.get(f"{act}?on=2026-12-01&reason=talks&by=Director+General"))
    assert "vna-trc-2025 suspended from 2026-12-01: talks (Director General)" in page
    assert "stops to-trc (TRC, goes out), from 1 Dec 2026 00:00. vna-trc-2025 v1 was suspended on 2026-12-01 (talks)" in page
    assert acts(exchange) == ()
    done = manager.post(act, on="2026-12-01", reason="talks", by="Director General")
    assert done.headers["Location"] == "/agreements/vna-trc-2025"
    assert acts(exchange) == (Act(ActKind.SUSPEND, LATER, "talks", "Director General"),)
    shown = words(manager.get("/agreements/vna-trc-2025"))
    assert "1 Dec 2026: suspended. talks ( Director General)" in shown
    assert "Resume" in shown


def test_to_resume_is_to_widen(exchange: Exchange) -> None:
    exchange.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 1))
    answer = exchange.seated("lan").post("/agreements/vna-trc-2025/acts/resume", on="2026-12-01", reason="agreed")
    assert answer.headers["Location"].startswith("/proposals/")
    assert len(acts(exchange)) == 1
    assert decided(exchange.seated("minh"), answer.headers["Location"]).status_code == 303
    assert len(acts(exchange)) == 2


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        pytest.param("suspend", {"on": "", "reason": "x"}, "must be a day", id="no day"),
        pytest.param("suspend", {"on": "tomorrow", "reason": "x"}, "must be a day", id="no such day"),
        pytest.param("suspend", {"on": "2026-12-01"}, "must be a text that is not empty", id="no reason"),
        pytest.param("resume", {"on": "2026-12-01", "reason": "x"}, "it was not suspended", id="not suspended"),
        pytest.param("join", {"on": "2026-12-01", "reason": "x", "party": "nobody"}, "there is no partner 'nobody'", id="nobody"),
    ],
)
def test_an_act_that_cannot_be_done_says_why(exchange: Exchange, kind: str, fields: dict[str, str], says: str) -> None:
    manager = exchange.seated("lan")
    path = f"/agreements/vna-trc-2025/acts/{kind}"
    for answer in (manager.get(path, query_string=fields), manager.post(path, **fields)):
        assert says in words(answer)
        assert answer.status_code == 422
    assert acts(exchange) == ()
    assert manager.get("/agreements/vna-trc-2025/acts/burn").status_code == 404
    assert manager.get("/agreements/none/acts/suspend").status_code == 404


def attached(visitor: Visitor, name: str, body: bytes) -> TestResponse:
    return visitor.post("/agreements/vna-trc-2025/documents", document=(BytesIO(body), name))


def test_a_document_is_kept_by_its_hash_and_only_ever_saved(exchange: Exchange) -> None:
    """W06, W07: a page in disguise comes back as a file, under a name without a folder."""
    body = b"<script>alert(1)</script>"
    digest = hashlib.sha256(body).hexdigest()
    manager = exchange.seated("lan")
    assert attached(manager, "../..\\etc/signed\t<b>.html", body).status_code == 303
    page = manager.get("/agreements/vna-trc-2025")
    assert digest in page.text
    assert "signed <b>.html" in words(page)
    got = exchange.seated("mai").get(f"/agreements/vna-trc-2025/documents/{digest}")
    assert got.data == body
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "/" not in got.headers["Content-Disposition"].replace("UTF-8''", "")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert exchange.visitor().get(f"/agreements/vna-trc-2025/documents/{digest}").status_code == 303
    assert manager.get(f"/agreements/vna-azertac-2025/documents/{digest}").status_code == 404
    with exchange.database.read() as tx:
        assert events.events(tx, 1, "vna-trc-2025")[0].act == "attached"


def test_a_document_that_the_agreement_names_is_told(exchange: Exchange) -> None:
    body = b"%PDF-1.7"
    text = NARROWER + f'\n[[documents]]\nname = "signed.pdf"\nsha256 = "{hashlib.sha256(body).hexdigest()}"\n'
    text = text.replace("since = 2026-12-01", "since = 2026-11-24")
    manager = exchange.seated("lan")
    assert taken(manager, text).status_code == 303
    assert "signed.pdf named, not attached yet" in words(manager.get("/agreements/vna-trc-2025"))
    attached(manager, "scan.pdf", body)
    assert "scan.pdf the one that the agreement names" in words(manager.get("/agreements/vna-trc-2025"))


def test_no_document_is_no_document(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    for name, body in (("empty.pdf", b""), ("", b"")):
        answer = attached(manager, name, body)
        assert answer.status_code == 422
        assert "Choose a file that is not empty." in words(answer)
    assert manager.post("/agreements/vna-trc-2025/documents").status_code == 422
    assert manager.post("/agreements/none/documents", document=(BytesIO(b"x"), "x")).status_code == 404


def test_a_document_may_be_larger_than_a_form_and_not_too_large(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """W09: over the limit it is refused; the rest of the desk keeps its own, smaller one."""
    manager = exchange.seated("lan")
    assert attached(manager, "scan.pdf", b"x" * (LARGEST_FORM + 1)).status_code == 303
    assert LARGEST_DOCUMENT + LARGEST_FORM <= LARGEST_BODY
    monkeypatch.setattr(desk_app, "LARGEST_DOCUMENT", 1000)
    assert attached(manager, "scan.pdf", b"x" * (LARGEST_FORM + 2000)).status_code == 413
    assert attached(exchange.seated("mai"), "scan.pdf", b"x" * (LARGEST_FORM + 1)).status_code == 413
    monkeypatch.undo()
    assert attached(manager, "scan.pdf", b"x" * (LARGEST_DOCUMENT + 1)).status_code == 422


HELD = {
    "kind": "training",
    "title": "Data journalism",
    "on": "2026-12-01",
    "until": "2026-12-05",
    "place": "Astana",
    "who": "Mai Trần\r\nAigerim Bek\r\n",
    "outcome": "Twelve trained",
    "minutes": "1. Opening\r\n2. Work",
}


def test_an_activity_is_noted_and_told_anew(exchange: Exchange) -> None:
    manager = exchange.seated("lan")
    assert manager.get("/agreements/vna-trc-2025/activities/new").status_code == 200
    assert manager.post("/agreements/vna-trc-2025/activities", **HELD).status_code == 303
    page = manager.get("/agreements/vna-trc-2025")
    assert (
        "1 Dec 2026 – 5 Dec 2026 training: Data journalism Astana Mai Trần, Aigerim Bek Twelve trained Minutes 1. Opening 2. Work"
        in words(page)
    )
    address = re.search(r"/activities/a_\w+", page.text)
    assert address
    form = manager.get(address.group())
    assert "Mai Trần\nAigerim Bek</textarea>" in form.text
    assert manager.post(address.group(), **{**HELD, "outcome": "Fourteen trained"}).status_code == 303
    with exchange.database.read() as tx:
        (one,) = activities.of_agreement(tx, "vna-trc-2025")
        assert [event.act for event in events.events(tx, 2, "vna-trc-2025")] == ["changed an activity", "noted an activity"]
    assert (one.outcome, one.who, one.minutes) == ("Fourteen trained", ("Mai Trần", "Aigerim Bek"), "1. Opening\n2. Work")
    assert "/activities/a_" not in exchange.seated("mai").get("/agreements/vna-trc-2025").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"title": ""}, "What: is missing", id="no title"),
        pytest.param({"on": "soon"}, "must be a day", id="no day"),
        pytest.param({"until": "2026-11-01"}, "before it begins", id="ends before it begins"),
        pytest.param({"who": "Mai\r\nMai"}, "stands here twice", id="somebody twice"),
    ],
)
def test_an_activity_with_a_fault_is_given_back(exchange: Exchange, fields: dict[str, str], says: str) -> None:
    answer = exchange.seated("lan").post("/agreements/vna-trc-2025/activities", **{**HELD, **fields})
    assert answer.status_code == 422
    assert says in words(answer)
    assert 'value="Twelve trained"' in answer.text
    assert exchange.seated("lan").post("/agreements/none/activities", **HELD).status_code == 404


def test_what_is_written_is_text_on_every_page(exchange: Exchange) -> None:
    """H11: whatever a manager types is shown as it was typed."""
    hostile = "<script>fire()</script>"
    text = WIDER.replace('title = "Exchange of information"', f'title = "{hostile}"')
    address = proposed(exchange, text)
    manager = exchange.seated("lan")
    manager.post("/agreements/vna-trc-2025/activities", **{**HELD, "title": hostile, "outcome": hostile, "minutes": hostile})
    manager.post(f"{address}/turn-down", reason=hostile)
    for path in (address, "/proposals", "/agreements/vna-trc-2025", "/agreements"):
        assert "<script>fire" not in manager.get(path).text
    assert "<script>fire" not in previewed(manager, text).text
    act = "/agreements/vna-trc-2025/acts/suspend"
    assert "<script>fire" not in manager.get(act, query_string={"on": hostile, "reason": hostile, "party": hostile}).text
