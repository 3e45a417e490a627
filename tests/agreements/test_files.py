"""TOML -> values: what stands in the files is what is meant; what is wrong is refused whole, each fault with its file and key."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from syndication.agreements import keys
from syndication.agreements.files import TERMS, Files, read
from syndication.agreements.shapes import AGREEMENT, GRANT
from syndication.errors import ConfigError
from syndication.model.activity import Activity
from syndication.model.agreement import (
    Act,
    ActKind,
    Alteration,
    ContentType,
    EmbargoHandling,
    Obligation,
    OnwardUse,
    Period,
    Term,
    Terms,
)
from syndication.model.partner import Category, Direction, Flow, FlowState, Markers, Partner

CONFIG = Path(__file__).parents[2] / "config"

TRC = """
id = "trc"
name = "TRC"
country = "KZ"
homepage = "https://trc.example/"
token_in_address = true
[[categories]]
name = "Sport"
topics = ["medtop:15000000"]
[markers]
kill = ["KILL:", "АННУЛИРОВАНО"]
embargo = ["EMBARGO"]
[[flows]]
id = "trc-en"
direction = "in"
agreement = "vna-trc"
title = "TRC in English"
languages = ["en", "pt-BR"]
url = "https://feeds.trc.example/en.rss"
interval_minutes = 10
topics = ["medtop:14000000"]
paused = true
[[flows]]
id = "vna-trc"
direction = "out"
agreement = "vna-trc"
title = "VNA for TRC"
languages = ["en"]
"""
AZERTAC = 'id = "azertac"\nname = "AZERTAC"\ncountry = "AZ"\n'
OLD = """
reference = "vna-trc-old"
title = "The one before"
parties = ["vna", "trc"]
signed_on = 2014-01-01
[term]
effective = 2014-01-01
"""
AGREED = """
reference = "vna-trc"
version = 2
since = 2025-06-01
title = "Exchange"
parties = ["vna", "trc"]
signed_on = 2025-05-06
signed_at = "Astana"
languages = ["vi", "kk"]
succeeds = "vna-trc-old"
under = "frame"
clauses = ["Differences are settled by talks."]
assumptions = ["The end."]
[term]
effective = 2025-05-06
until = 2028-05-05
zone = "Asia/Ho_Chi_Minh"
renewal_months = 36
notice_days = 90
grace_days = 30
[[grants]]
clause = "2.1"
direction = "in"
types = ["text", "picture"]
languages = ["en", "*"]
topics = ["*"]
topics_out = ["medtop:15000000"]
onward_use = "named-partners"
onward_partners = ["azertac"]
alteration = "translate"
credit_line = "{author} / {partner}"
embargo = "marked"
use_days = 30
archive = true
territory = ["VN"]
not_territory = ["KZ"]
machine_translation = true
model_training = true
[[grants]]
clause = "2.2"
direction = "out"
types = ["text"]
languages = ["en"]
topics = ["medtop:04000000"]
onward_use = "own-use"
alteration = "none"
[[obligations]]
clause = "4"
by = "them"
what = "texts"
at_least = 10
period = "day"
[[activities]]
kind = "training"
title = "New technology"
on = 2025-09-01
place = "Hanoi"
outcome = "ten journalists"
[[acts]]
kind = "suspend"
on = 2026-01-01
reason = "talks"
[[acts]]
kind = "resume"
on = 2026-02-01
reason = "agreed"
"""
FRAME = """
reference = "frame"
title = "A frame"
parties = ["vna", "trc", "azertac"]
signed_on = 1961-12-22
[term]
effective = 1961-12-22
"""
PLAIN = {
    "partners/trc.toml": TRC,
    "partners/azertac.toml": AZERTAC,
    "agreements/vna-trc.toml": AGREED,
    "agreements/old.toml": OLD,
    "agreements/frame.toml": FRAME,
}


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A config folder with these files."""
    for name in ("partners", "agreements"):
        (folder / name).mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def faults(folder: Path, files: dict[str, str | bytes]) -> list[tuple[str, str, str]]:
    """Every fault, as (file below the folder, key, message)."""
    with pytest.raises(ConfigError) as refused:
        read(written(folder, files), "vna")
    return [(str(Path(fault.file).relative_to(folder)), fault.key, fault.message) for fault in refused.value.faults]


def changed(file: str, old: str, new: str) -> dict[str, str | bytes]:
    """The plain files with one place changed."""
    assert PLAIN[file].count(old) >= 1, old
    return {**PLAIN, file: PLAIN[file].replace(old, new, 1)}


def test_every_key_reaches_its_value(tmp_path: Path) -> None:
    files = read(written(tmp_path, dict(PLAIN)), "vna")
    trc = Partner("trc", "TRC", "KZ", "https://trc.example/", (Category("Sport", ("medtop:15000000",)),), token_in_address=True)
    trc = replace(trc, markers=Markers(kill=("KILL:", "АННУЛИРОВАНО"), embargo=("EMBARGO",)))
    assert files.partners == (Partner("azertac", "AZERTAC", "AZ"), trc)
    assert files.flows == (
        Flow(
            id="trc-en",
            partner="trc",
            direction=Direction.INBOUND,
            agreement="vna-trc",
            title="TRC in English",
            languages=("en", "pt-BR"),
            state=FlowState.PAUSED,
            url="https://feeds.trc.example/en.rss",
            interval=timedelta(minutes=10),
            topics=("medtop:14000000",),
        ),
        Flow("vna-trc", "trc", Direction.OUTBOUND, "vna-trc", "VNA for TRC", ("en",)),
    )
    dossier = files.agreements[2]
    agreement = dossier.versions[0]
    assert (agreement.reference, agreement.version, agreement.since, agreement.signed_on) == (
        "vna-trc",
        2,
        date(2025, 6, 1),
        date(2025, 5, 6),
    )
    assert (agreement.succeeds, agreement.under, agreement.signed_at) == ("vna-trc-old", "frame", "Astana")
    assert (agreement.languages, agreement.clauses) == (("vi", "kk"), ("Differences are settled by talks.",))
    assert agreement.term == Term(date(2025, 5, 6), date(2028, 5, 5), "Asia/Ho_Chi_Minh", 36, 90, 30)
    first, second = agreement.grants
    assert (first.clause, first.direction, first.types) == ("2.1", Direction.INBOUND, (ContentType.TEXT, ContentType.PICTURE))
    assert (first.languages, first.topics, first.topics_out) == (("en", "*"), ("*",), ("medtop:15000000",))
    assert first.terms == Terms(
        onward=OnwardUse.NAMED_PARTNERS,
        alteration=Alteration.TRANSLATE,
        onward_partners=("azertac",),
        credit_line="{author} / {partner}",
        embargo=EmbargoHandling.MARKED,
        use_days=30,
        archive=True,
        territory=("VN",),
        not_territory=("KZ",),
        machine_translation=True,
        model_training=True,
    )
    assert second.terms == Terms(OnwardUse.OWN_USE, Alteration.NONE)
    assert agreement.obligations == (Obligation("4", Direction.INBOUND, "texts", at_least=10, period=Period.DAY),)
    (activity,) = files.activities
    assert replace(activity, id="") == Activity(
        "", "vna-trc", "training", "New technology", date(2025, 9, 1), place="Hanoi", outcome="ten journalists"
    )
    assert dossier.acts == (Act(ActKind.SUSPEND, date(2026, 1, 1), "talks"), Act(ActKind.RESUME, date(2026, 2, 1), "agreed"))


def test_what_an_activity_is_called_makes_its_id(tmp_path: Path) -> None:
    """The same for ever: it names what the desk has stored."""
    undated = HELD.replace("on = 2025-09-01\n", "").replace("New", "Newest")
    files = read(written(tmp_path, changed(IN_AGREED, HELD, HELD + undated)), "vna")
    assert [one.id for one in files.activities] == ["a_9fed0814b86ce9f599697efb", "a_9d27546c73d5a93970a87982"]


def test_what_is_left_out_has_the_models_defaults(tmp_path: Path) -> None:
    flows = TRC.replace("interval_minutes = 10\n", "").replace("paused = true\n", "")
    files = read(written(tmp_path, {**PLAIN, "partners/trc.toml": flows}), "vna")
    assert (files.flows[0].interval, files.flows[0].state) == (timedelta(minutes=15), FlowState.OPEN)
    old = files.agreements[1].versions[0]
    assert (old.version, old.since, old.term) == (1, date(2014, 1, 1), Term(date(2014, 1, 1)))


def test_every_term_of_a_grant_has_its_key() -> None:
    """A new field of Terms without a key in the files would be one that nobody can agree on."""
    assert set(TERMS.values()) == set(Terms.__dataclass_fields__)
    assert set(TERMS) < set(GRANT)


IN_AGREED = "agreements/vna-trc.toml"
IN_TRC = "partners/trc.toml"
IN_AZERTAC = "partners/azertac.toml"
OF_FRAME = "agreements/frame.toml"
OF_OLD = "agreements/old.toml"
MOMENT = "effective = 2025-05-06T00:00:00"


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "message"),
    [
        pytest.param(IN_AGREED, "onward_use", "onward_us", "grants[0].onward_us", "did you mean 'onward_use'?", id="unknown key"),
        pytest.param(IN_AGREED, '"own-use"', '"own-usee"', "grants[1].onward_use", "did you mean 'own-use'?", id="unknown value"),
        pytest.param(IN_AGREED, '"text"]', '"txt"]', "grants[1].types[0]", "did you mean 'text'?", id="unknown type"),
        pytest.param(IN_AGREED, 'clause = "2.2"\n', "", "grants[1].clause", "is missing", id="grant without a clause"),
        pytest.param(IN_AGREED, '["vna", "trc"]', '["vna", "trk"]', "parties[1]", "did you mean 'trc'?", id="unknown party"),
        pytest.param(IN_AGREED, '["vna", "trc"]', '["azertac", "trc"]', "parties", "our id is 'vna'", id="we are no party"),
        pytest.param(IN_AGREED, '["vna", "trc"]', '["vna"]', "parties", "has at least two", id="one party only"),
        pytest.param(IN_AGREED, "until = 2028-05-05", "until = 2024-05-05", "term.until", "before it begins", id="ends before it begins"),
        pytest.param(IN_AGREED, "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min", "term.zone", "did you mean 'Asia/Ho_Chi_Minh'?", id="unknown zone"),
        pytest.param(IN_AGREED, "Asia/Ho_Chi_Minh", "../../etc/passwd", "term.zone", "no time zone", id="zone that is a path"),
        pytest.param(IN_AGREED, '["vi", "kk"]', '["vn", "kk"]', "languages[0]", "did you mean 'vi'?", id="country for language"),
        pytest.param(IN_AGREED, '["en", "*"]', '["english"]', "grants[0].languages[0]", "BCP 47", id="language in words"),
        pytest.param(IN_TRC, '"pt-BR"', '"en_US"', "flows[0].languages[1]", "BCP 47", id="language with an underscore"),
        pytest.param(IN_TRC, '["en"]', '["*"]', "flows[1].languages[0]", "BCP 47", id="flow in every language"),
        pytest.param(IN_AGREED, '["medtop:04000000"]', "[]", "grants[1].topics", "is empty", id="empty topics grant nothing"),
        pytest.param(IN_AGREED, 'topics = ["medtop:04000000"]\n', "", "grants[1].topics", "is missing", id="no topics grant nothing"),
        pytest.param(IN_AGREED, "medtop:15000000", "medtop:15000", "grants[0].topics_out[0]", "no IPTC Media Topic", id="topic cut short"),
        pytest.param(IN_AGREED, '["medtop:15000000"]', '["*"]', "grants[0].topics_out[0]", "no IPTC Media Topic", id="everything excluded"),
        pytest.param(IN_AGREED, "effective = 2025-05-06", MOMENT, "term.effective", "a day", id="naive moment"),
        pytest.param(IN_AGREED, "effective = 2025-05-06", MOMENT + "Z", "term.effective", "a day", id="moment"),
        pytest.param(IN_AGREED, "effective = 2025-05-06", 'effective = "2025-05-06"', "term.effective", "no quotes", id="day in quotes"),
        pytest.param(IN_AGREED, "2028-05-05", "9999-12-31", "term.until", "is left out", id="T07: the end of time"),
        pytest.param(IN_AGREED, "use_days = 30", "use_days = 30.0", "grants[0].use_days", "whole number", id="float for int"),
        pytest.param(IN_AGREED, "use_days = 30", "use_days = true", "grants[0].use_days", "whole number", id="true for int"),
        pytest.param(IN_AGREED, "use_days = 30", "use_days = 0", "grants[0].use_days", "from 1", id="no days of use"),
        pytest.param(IN_AGREED, "archive = true", 'archive = "yes"', "grants[0].archive", "true or false", id="yes for true"),
        pytest.param(IN_AGREED, "{author}", "{autor}", "grants[0].credit_line", "did you mean 'author'?", id="credit to nobody"),
        pytest.param(IN_AGREED, "{author}", "{author", "grants[0].credit_line", "brace", id="brace left open"),
        pytest.param(IN_AGREED, '["VN"]', '["Vietnam"]', "grants[0].territory[0]", "ISO 3166", id="country in words"),
        pytest.param(IN_AGREED, '["KZ"]', '["VN"]', "grants[0].not_territory", "`territory` too", id="in and not in"),
        pytest.param(IN_AGREED, '["azertac"]', '["azertak"]', "grants[0].onward_partners[0]", "'azertac'?", id="onward to nobody"),
        pytest.param(IN_AGREED, '["azertac"]', '["vna"]', "grants[0].onward_partners[0]", "ourselves", id="onward to ourselves"),
        pytest.param(IN_AGREED, '["azertac"]', "[]", "grants[0].onward_partners", "names them", id="named partners without names"),
        pytest.param(IN_AGREED, "named-partners", "own-use", "grants[0].onward_partners", "'named-partners'?", id="names without that use"),
        pytest.param(IN_AGREED, '"vna-trc-old"', '"vna-trc-odl"', "succeeds", "did you mean 'vna-trc-old'?", id="succeeds nobody"),
        pytest.param(IN_AGREED, '"vna-trc-old"', '"vna-trc"', "succeeds", "is a circle", id="succeeds itself"),
        pytest.param(IN_AGREED, '"frame"', '"fram"', "under", "did you mean 'frame'?", id="under nothing"),
        pytest.param(IN_AGREED, '"frame"', '"vna-trc"', "under", "under itself", id="under itself"),
        pytest.param(OF_FRAME, '["vna", "trc", "azertac"]', '["vna", "azertac"]', "under", "no party of", id="outside its frame"),
        pytest.param(OF_OLD, "effective = 2014", "effective = 2025-06-01 #", "succeeds", "only on", id="before its predecessor"),
        pytest.param(OF_OLD, '"trc"', '"azertac"', "succeeds", "between others", id="succeeds others' agreement"),
        pytest.param(IN_AGREED, "since = 2025-06-01\n", "", "since", "is missing", id="a second version without a day"),
        pytest.param(IN_AGREED, "since = 2025-06-01", "since = 2025-01-01", "since", "before the term", id="a version before the term"),
        pytest.param(IN_AGREED, "version = 2", "version = 0", "version", "whole number", id="version nought"),
        pytest.param(IN_AGREED, "renewal_months = 36\n", "", "term.notice_days", "none", id="notice without renewal"),
        pytest.param(IN_AGREED, "until = 2028-05-05\n", "", "term.grace_days", "without an end", id="grace after no end"),
        pytest.param(IN_AGREED, "on = 2026-02-01", "on = 2025-12-01", "acts[1].on", "stand in order", id="acts out of order"),
        pytest.param(IN_AGREED, '"suspend"', '"resume"', "acts[0].kind", "not suspended", id="resumed before suspended"),
        pytest.param(IN_AGREED, '"resume"', '"suspend"', "acts[1].kind", "already", id="suspended twice"),
        pytest.param(IN_AGREED, '"suspend"', '"terminate"', "acts[1].kind", "not suspended", id="resumed after the end"),
        pytest.param(
            IN_AGREED,
            'version = 2\nsince = 2025-06-01\ntitle = "Exchange"\nparties = ["vna", "trc"]\nsigned_on = 2025-05-06\n',
            'title = "Exchange"\nparties = ["vna", "trc"]\n',
            "acts[0]",
            "a draft",
            id="something done to a draft",
        ),
        pytest.param(IN_AGREED, "[term]", "[trm]", "trm", "did you mean 'term'?", id="unknown table"),
        pytest.param(IN_AGREED, "[[obligations]]", "[obligations]", "obligations", "[[obligations]]", id="one table for a list"),
        pytest.param(IN_AGREED, '"them"', '"thme"', "obligations[0].by", "did you mean 'them'?", id="duty of nobody"),
        pytest.param(IN_TRC, 'agreement = "vna-trc"', 'agreement = "vna-trk"', "flows[0].agreement", "'vna-trc'", id="unknown agreement"),
        pytest.param(IN_TRC, 'url = "https://feeds.trc.example/en.rss"\n', "", "flows[0].url", "is polled there", id="inbound without url"),
        pytest.param(IN_TRC, "https://feeds", "ftp://feeds", "flows[0].url", "http or https", id="F01: ftp"),
        pytest.param(IN_TRC, "https://feeds.trc.example/en.rss", "file:///etc/passwd", "flows[0].url", "http or https", id="B01: file"),
        pytest.param(IN_TRC, "https://feeds", "https://u:p@feeds", "flows[0].url", "password", id="A01: password in the address"),
        pytest.param(IN_TRC, "https://feeds.trc.example/", "https://[::1/", "flows[0].url", "http or https", id="address that is none"),
        pytest.param(IN_TRC, "https://feeds.trc.example/", "https://trc:99999/", "flows[0].url", "http or https", id="port that is none"),
        pytest.param(IN_TRC, "interval_minutes = 10", "interval_minutes = 0", "flows[0].interval_minutes", "from 1", id="below a minute"),
        pytest.param(IN_TRC, "minutes = 10", "minutes = 0.5", "flows[0].interval_minutes", "whole", id="half a minute"),
        pytest.param(IN_TRC, 'id = "vna-trc"', 'id = "trc-en"', "flows[1].id", "already", id="two flows with one id"),
        pytest.param(IN_TRC, 'id = "trc-en"', 'id = "../../etc"', "flows[0].id", "a name of", id="path for an id"),
        pytest.param(IN_TRC, 'id = "trc-en"', 'id = "TRC-en"', "flows[0].id", "a name of", id="capitals in an id"),
        pytest.param(IN_TRC, 'id = "trc-en"', 'id = "trc-en\\u0000"', "flows[0].id", "control characters", id="NUL in an id"),
        pytest.param(IN_TRC, 'id = "trc"', 'id = "vna"', "id", "our own id", id="ourselves as a partner"),
        pytest.param(IN_TRC, 'direction = "out"', 'direction = "out"\nurl = "http://x/"', "flows[1].url", "come in", id="out with url"),
        pytest.param(IN_AZERTAC, "country", "flows = 3\ncountry", "flows", "list of tables", id="a number for flows"),
        pytest.param(IN_TRC, 'country = "KZ"', 'country = "KAZ"', "country", "ISO 3166", id="three letters for a country"),
        pytest.param(IN_TRC, 'name = "TRC"', 'name = "  "', "name", "not empty", id="blank name"),
        pytest.param(IN_TRC, 'name = "TRC"', "name = 5", "name", "a text", id="number for a name"),
        pytest.param(IN_TRC, 'name = "TRC"', 'name = "T\\u001b[31mRC"', "name", "control characters", id="escape sequence in a name"),
        pytest.param(IN_TRC, 'name = "TRC"', 'name = "TRC"\n"a\\nb" = 1', '"a\\nb"', "no key", id="a key of two lines"),
        pytest.param(
            IN_TRC, "[[categories]]", '[[categories]]\nname = "SPORT"\ntopics = ["medtop:15000000"]\n[[categories]]', "categories[1].name",
            "the category 'Sport' stands here twice; capitals make no difference", id="category twice",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_key(tmp_path: Path, file: str, old: str, new: str, key: str, message: str) -> None:
    told = faults(tmp_path, changed(file, old, new))
    whole_words = re.compile(rf"(?<!\w){re.escape(message)}(?!\w)")
    assert any(one[1] == key and whole_words.search(one[2]) for one in told), told


DUTY = AGREED[AGREED.index("[[obligations]]") : AGREED.index("[[activities]]")]
HELD = AGREED[AGREED.index("[[activities]]") : AGREED.index("[[acts]]")]
DONE = AGREED[AGREED.index("[[acts]]") :]
COUNTED, REPORTED = (
    "is for what is counted, by `at_least` or `at_most`",
    "is for what is counted or reported; `within_minutes` is a time by itself",
)
KILLS = "is for kills and corrections; what is counted has `at_least` or `at_most` a `period`"
HOW_OFTEN = "is missing: by what is it counted, or how often is it reported?"
THEIRS = "what they publish of ours they alone know, so it cannot be held to a ceiling; did you mean 'offered'?"


def told_of(folder: Path, file: str, old: str, new: str) -> list[tuple[str, str]]:
    """The key and the message of every fault; none where it is read."""
    files = changed(file, old, new)
    try:
        read(written(folder, files), "vna")
    except ConfigError as refused:
        return [(fault.key, fault.message) for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    ("by", "lines", "told"),
    [
        pytest.param("them", 'at_least = 10\nat_most = 10\nperiod = "day"', {}, id="as many as there may be"),
        pytest.param(
            "them", 'at_least = 10\nat_most = 9\nperiod = "day"', {"at_most": "9 is less than `at_least`, 10"}, id="more than may be"
        ),
        pytest.param("them", "at_least = 10", {"period": HOW_OFTEN}, id="counted by nothing"),
        pytest.param("them", "at_most = 10", {"period": HOW_OFTEN}, id="at most, by nothing"),
        pytest.param("them", "", {"period": HOW_OFTEN}, id="nothing at all"),
        pytest.param("them", 'period = "month"', {}, id="a report"),
        pytest.param("them", "within_minutes = 15", {}, id="a time"),
        pytest.param("them", "within_minutes = 0", {"within_minutes": "must be a whole number from 1 to 525600, and is 0"}, id="no time"),
        pytest.param("them", 'within_minutes = 15\nperiod = "day"', {"period": REPORTED}, id="a time by the day"),
        pytest.param("them", "at_least = 1\nwithin_minutes = 15", {"within_minutes": KILLS}, id="counted within a time"),
        pytest.param("them", "at_most = 1\nwithin_minutes = 15", {"within_minutes": KILLS}, id="at most within a time"),
        pytest.param(
            "them",
            'period = "month"\nmeasure = "published"\ntypes = ["text"]\nlanguages = ["en"]',
            {"measure": COUNTED, "types": COUNTED, "languages": COUNTED},
            id="a report of some types",
        ),
        pytest.param("them", 'at_most = 9\nperiod = "day"\ntypes = ["text"]\nlanguages = ["en"]', {}, id="some types counted"),
        pytest.param("us", 'at_most = 9\nperiod = "day"\nmeasure = "published"', {"measure": THEIRS}, id="a ceiling on what they publish"),
        pytest.param("us", 'at_most = 9\nperiod = "day"\nmeasure = "offered"', {}, id="a ceiling on what we offer"),
        pytest.param("us", 'at_least = 9\nperiod = "day"\nmeasure = "published"', {}, id="they publish at least"),
        pytest.param("them", 'at_most = 9\nperiod = "day"\nmeasure = "published"', {}, id="a ceiling on what we publish"),
    ],
)
def test_what_a_duty_may_say(tmp_path: Path, by: str, lines: str, told: dict[str, str]) -> None:
    duty = f'[[obligations]]\nclause = "4"\nby = "{by}"\nwhat = "texts"\n{lines}\n'
    assert dict(told_of(tmp_path, IN_AGREED, DUTY, duty)) == {f"obligations[0].{key}": message for key, message in told.items()}


JOINED, LEFT, SUSPENDED = (f'kind = "{kind}"\nreason = "x"\n' for kind in ("join", "leave", "suspend"))
RESUMED, NOTICE, OTHER = (f'kind = "{kind}"\nreason = "x"\n' for kind in ("resume", "notice", "terminate"))
AZ, NOBODY, TRC_TOO = 'party = "azertac"\n', 'party = "azertak"\n', 'party = "trc"\n'


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        pytest.param((JOINED + AZ,), {}, id="a partner joins"),
        pytest.param((JOINED + AZ, LEFT + AZ, JOINED + AZ), {}, id="joins, leaves and joins"),
        pytest.param((JOINED + NOBODY,), {"acts[0].party": "there is no partner 'azertak'; did you mean 'azertac'?"}, id="nobody joins"),
        pytest.param((JOINED + AZ, JOINED + AZ), {"acts[1].party": "'azertac' is a party already"}, id="joins twice"),
        pytest.param((JOINED + TRC_TOO,), {"acts[0].party": "'trc' is a party already"}, id="a party joins"),
        pytest.param((LEFT + AZ,), {"acts[0].party": "'azertac' is no party by then"}, id="who is none leaves"),
        pytest.param((LEFT + TRC_TOO, LEFT + TRC_TOO), {"acts[1].party": "'trc' is no party by then"}, id="leaves twice"),
        pytest.param((JOINED,), {"acts[0].party": "is missing: who?"}, id="who joins?"),
        pytest.param((LEFT,), {"acts[0].party": "is missing: who?"}, id="who leaves?"),
        pytest.param((SUSPENDED + AZ,), {"acts[0].party": "is for 'join' and 'leave', not for 'suspend'"}, id="a party to be suspended"),
        pytest.param((SUSPENDED, SUSPENDED), {"acts[1].kind": "it is suspended already"}, id="suspended twice"),
        pytest.param((SUSPENDED, NOTICE, SUSPENDED), {"acts[2].kind": "it is suspended already"}, id="suspended twice, and notice between"),
        pytest.param((SUSPENDED, RESUMED, SUSPENDED, RESUMED), {}, id="suspended and resumed twice"),
        pytest.param((RESUMED,), {"acts[0].kind": "it was not suspended"}, id="resumed"),
        pytest.param((SUSPENDED, RESUMED, RESUMED), {"acts[2].kind": "it was not suspended"}, id="resumed twice"),
        pytest.param((NOTICE,), {}, id="notice against a renewal"),
        pytest.param((OTHER,), {}, id="terminated"),
    ],
)
def test_what_may_be_done(tmp_path: Path, acts: tuple[str, ...], told: dict[str, str]) -> None:
    """All on one day: which stands first is done first."""
    done = "".join(f"[[acts]]\non = 2026-01-01\n{one}" for one in acts)
    assert dict(told_of(tmp_path, IN_AGREED, DONE, done)) == told


def test_who_joined_before_the_version_is_in_its_parties(tmp_path: Path) -> None:
    """Only from its day on are acts held against them."""
    assert told_of(tmp_path, IN_AGREED, DONE, f"[[acts]]\non = 2025-05-31\n{JOINED}{TRC_TOO}") == []
    (tmp_path / "next").mkdir()
    both = "".join(f"[[acts]]\non = {on}\n{JOINED}{TRC_TOO}" for on in ("2025-05-31", "2025-06-01"))
    assert told_of(tmp_path / "next", IN_AGREED, DONE, both) == [("acts[1].party", "'trc' is a party already")]


NO_RENEWAL = "renewal_months = 36\nnotice_days = 90\n"
OWN_END = "until = 2028-05-05\nzone"
BOTH = 'review = "editor"\npriority = true\n[[obligations]]'
INCOMING = "is for what comes in; how the other party reviews what we send is theirs to say"
WE_SERVE = "is for flows that come in; we serve this one ourselves"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        pytest.param(IN_AGREED, HELD, HELD.replace("place", "until = 2025-09-01\nplace"), [], id="an activity of one day"),
        pytest.param(
            IN_AGREED,
            HELD,
            HELD.replace("place", "until = 2025-08-31\nplace"),
            [("activities[0].until", "it ends on 2025-08-31, before it begins on 2025-09-01")],
            id="an activity that ends before it begins",
        ),
        pytest.param(
            IN_AGREED, "[[obligations]]", BOTH, [("grants[1].review", INCOMING), ("grants[1].priority", INCOMING)], id="review sent"
        ),
        pytest.param(
            IN_AGREED, 'embargo = "marked"', 'embargo = "marked"\nreview = "editor"\npriority = true', [], id="review of what comes in"
        ),
        pytest.param(
            IN_AGREED,
            "archive = true",
            "archive = true\ndelete_at_end = true",
            [("grants[0].delete_at_end", "`archive` lets it stay in use after the end; one of the two must go")],
            id="kept and deleted",
        ),
        pytest.param(IN_AGREED, "archive = true", "delete_at_end = true", [], id="deleted"),
        pytest.param(IN_AGREED, "archive = true", 'credit_place = "byline"', [], id="where the credit line stands"),
        pytest.param(
            IN_AGREED,
            'credit_line = "{author} / {partner}"',
            'credit_place = "byline"',
            [("grants[0].credit_place", "says where the credit line stands, and there is none (`credit_line`)")],
            id="the place of no credit line",
        ),
        pytest.param(
            IN_AGREED,
            'onward_partners = ["azertac"]\n',
            "",
            [("grants[0].onward_partners", "is missing: onward use by 'named-partners' names them")],
            id="named partners that are not named",
        ),
        pytest.param(
            IN_AGREED,
            'topics_out = ["medtop:15000000"]',
            'topics_out = ["trc:Spor"]',
            [("grants[0].topics_out[0]", "'trc:spor' is no category of a partner's file; did you mean 'trc:sport'?")],
            id="a category that is none, excluded",
        ),
        pytest.param(IN_AGREED, '["medtop:04000000"]', '["trc:SPORT"]', [], id="a category, capitals make no difference"),
        pytest.param(
            IN_TRC,
            'direction = "out"',
            'direction = "out"\ninterval_minutes = 5\ntopics = ["medtop:15000000"]\nurl = "https://x.example/"',
            [("flows[1].url", WE_SERVE), ("flows[1].interval_minutes", WE_SERVE), ("flows[1].topics", WE_SERVE)],
            id="how we poll ourselves",
        ),
        pytest.param(
            IN_TRC,
            'url = "https://feeds.trc.example/en.rss"\n',
            "",
            [("flows[0].url", "is missing: a flow that comes in is polled there")],
            id="polled nowhere",
        ),
        pytest.param(
            OF_OLD,
            'parties = ["vna", "trc"]',
            'parties = ["vna", "azertac"]',
            [("succeeds", "'vna-trc-old' is between others: azertac, vna")],
            id="succeeds an agreement between others",
        ),
        pytest.param(
            OF_OLD,
            "effective = 2014-01-01",
            "effective = 2025-05-06",
            [("succeeds", "it begins on 2025-05-06, and 'vna-trc-old', before it, only on 2025-05-06")],
            id="begins with what it succeeds",
        ),
        pytest.param(OF_OLD, "effective = 2014-01-01", "effective = 2025-05-05", [], id="begins a day after what it succeeds"),
        pytest.param(OF_OLD, "[term]\neffective = 2014-01-01\n", "", [("term", "is missing")], id="succeeds what has no term"),
        pytest.param(IN_AGREED, "since = 2025-06-01", "since = 2025-05-06", [], id="a version from the first day"),
        pytest.param(
            IN_AGREED,
            "since = 2025-06-01",
            "since = 2025-05-05",
            [("since", "2025-05-05 is before the term begins, on 2025-05-06 (`term.effective`)")],
            id="a version from the day before",
        ),
        pytest.param(IN_AGREED, "since = 2025-06-01", "since = 2029-01-01", [], id="a version in its renewal"),
        pytest.param(IN_AGREED, "since = 2025-06-01", "since = 2028-05-05", [], id="a version from the last day"),
        pytest.param(IN_AGREED, NO_RENEWAL, "", [], id="no renewal"),
        pytest.param(
            IN_AGREED,
            "renewal_months = 36\n",
            "",
            [("term.notice_days", "notice is given against renewal, and this term has none (`renewal_months`)")],
            id="notice without renewal",
        ),
        pytest.param(
            IN_AGREED,
            "until = 2028-05-05\n",
            "",
            [
                ("term.renewal_months", "a term without an end (`until`) has nothing to renew"),
                ("term.grace_days", "a term without an end (`until`) has no days of grace after it"),
            ],
            id="renewal and grace without an end",
        ),
        pytest.param(IN_AGREED, "until = 2028-05-05", "until = 2025-06-01", [], id="a term that ends with the day of the version"),
        pytest.param(
            OF_FRAME, 'signed_on = 1961-12-22\n[term]\neffective = 1961-12-22\n',
            'signed_on = 1961-12-22\nsince = 2001-01-02\nversion = 2\n[term]\neffective = 1961-12-22\nuntil = 2001-01-01\n',
            [("since", "2001-01-02 is after the term has ended, on 2001-01-01 (`term.until`)")],
            id="a version from the day after the end",
        ),
        pytest.param(
            OF_FRAME, 'signed_on = 1961-12-22\n[term]\neffective = 1961-12-22\n',
            'signed_on = 1961-12-22\nsince = 2001-01-01\nversion = 2\n[term]\neffective = 1961-12-22\nuntil = 2001-01-01\n',
            [],
            id="a version from the last day of a term that does not renew",
        ),
        pytest.param(
            OF_FRAME, 'effective = 1961-12-22\n',
            'effective = 1961-12-22\n[[acts]]\nkind = "notice"\non = 1999-01-01\nreason = "x"\n',
            [("acts[0].kind", "notice ends the renewal, and this term has none (`term.renewal_months`)")],
            id="notice against no renewal",
        ),
        pytest.param(
            OF_FRAME, 'signed_on = 1961-12-22\n[term]\neffective = 1961-12-22\n',
            '[term]\neffective = 1961-12-22\n[[acts]]\nkind = "suspend"\non = 1999-01-01\nreason = "x"\n',
            [("acts[0]", "nothing can be done to a draft: the agreement has no `signed_on`")],
            id="something done to a draft",
        ),
        pytest.param(IN_AGREED, "signed_on = 2025-05-06\n", "", [], id="something was done before the draft of its amendment"),
        pytest.param(
            IN_AGREED, "on = 2026-02-01", "on = 2025-12-31",
            [("acts[1].on", "2025-12-31 is before the act above it, of 2026-01-01: acts stand in order, the oldest first")],
            id="acts out of order",
        ),
        pytest.param(
            IN_AGREED, '["vna", "trc"]', '["trk", "trc"]',
            [
                ("parties[0]", "there is no partner 'trk'; did you mean 'trc'?"),
                ("parties", "we are not among them: our id is 'vna' (the setting `agency`)"),
                ("under", "'trk' is no party of the frame 'frame'"),
                ("succeeds", "'vna-trc-old' is between others: trc, vna"),
            ],
            id="parties without us",
        ),
        pytest.param(
            IN_AGREED, 'succeeds = "vna-trc-old"\nunder = "frame"', 'under = "vna-trc"',
            [("under", "an agreement does not stand under itself")],
            id="under itself",
        ),
        pytest.param(
            IN_AGREED, '"frame"', '"fram"', [("under", "there is no agreement 'fram'; did you mean 'frame'?")], id="under nothing"
        ),
        pytest.param(
            IN_AGREED, '["vna", "trc"]', '["vna", "trc", "vnb"]',
            [
                ("parties[2]", "there is no partner 'vnb'; did you mean 'vna'?"),
                ("under", "'vnb' is no party of the frame 'frame'"),
            ],
            id="a party that is called nearly as we are",
        ),
        pytest.param(
            IN_AGREED, '["vna", "trc"]', '["vna"]',
            [
                ("flows[0].agreement", "'vna-trc' does not name the partner 'trc': its parties are vna"),
                ("flows[1].agreement", "'vna-trc' does not name the partner 'trc': its parties are vna"),
                ("parties", "an agreement has at least two"),
                ("succeeds", "'vna-trc-old' is between others: trc, vna"),
            ],
            id="with ourselves",
        ),
        pytest.param(IN_AGREED, 'parties = ["vna", "trc"]\n', "", [("parties", "is missing")], id="no parties"),
        pytest.param(OF_FRAME, 'parties = ["vna", "trc", "azertac"]\n', "", [("parties", "is missing")], id="a frame of no parties"),
        pytest.param(OF_OLD, 'parties = ["vna", "trc"]\n', "", [("parties", "is missing")], id="succeeds an agreement of no parties"),
        pytest.param(IN_AGREED, "effective = 2025-05-06\n", "", [("term.effective", "is missing")], id="a term without its first day"),
        pytest.param(OF_OLD, "effective = 2014-01-01", "effective = 2014-01-01\nuntil = 2014-01-01", [], id="a term of one day"),
        pytest.param(OF_OLD, "signed_on", "version = 1\nsigned_on", [], id="a first version needs no day"),
        pytest.param(
            OF_FRAME, 'signed_on = 1961-12-22\n[term]\neffective = 1961-12-22\n',
            f'version = 1\n[term]\neffective = 1961-12-22\n[[acts]]\non = 1999-01-01\n{OTHER}',
            [("acts[0]", "nothing can be done to a draft: the agreement has no `signed_on`")],
            id="something done to the draft of a first version",
        ),
        pytest.param(
            OF_FRAME, '[term]\neffective = 1961-12-22\n', f'[[acts]]\non = 1999-01-01\n{NOTICE}', [("term", "is missing")],
            id="notice against no term at all",
        ),
        pytest.param(OF_FRAME, "1961-12-22\n[term]", f"1961-12-22\n[[acts]]\non = 1999-01-01\n{LEFT}{TRC_TOO}[term]", [], id="leaves"),
        pytest.param(
            OF_FRAME, "1961-12-22\n[term]", f"1961-12-22\n[[acts]]\non = 1999-01-01\n{JOINED}{TRC_TOO}[term]",
            [("acts[0].party", "'trc' is a party already")],
            id="joins what it is in",
        ),
        pytest.param(
            IN_AGREED, "on = 2026-01-01\nreason", "on = 2026-01-01\nby = \"x\"\nreason", [], id="who did it"
        ),
        pytest.param(IN_AGREED, DONE, f"[[acts]]\non = 2026-01-01\n{LEFT}party = \"vna\"\n", [], id="we leave"),
        pytest.param(IN_AGREED, DONE, f"[[acts]]\n{LEFT}{TRC_TOO}", [("acts[0].on", "is missing")], id="leaves, nobody knows when"),
        pytest.param(
            IN_AGREED, HELD, HELD.replace("on = 2025-09-01", "until = 2025-08-31"), [], id="an activity whose first day is not known"
        ),
        pytest.param(
            IN_TRC, 'name = "Sport"\n', '[[categories]]\n',
            [("categories[0].name", "is missing"), ("categories[0].topics", "is missing"), ("categories[1].name", "is missing")],
            id="two categories without names",
        ),
    ],
)  # fmt: skip
def test_what_must_fit_together(tmp_path: Path, file: str, old: str, new: str, told: list[tuple[str, str]]) -> None:
    """Those faults, and no other."""
    assert told_of(tmp_path, file, old, new) == told


def test_what_leads_into_a_circle_is_not_part_of_it(tmp_path: Path) -> None:
    """Who succeeds a member of the circle is told nothing: the members are."""
    names = {"a": "b", "b": "c", "c": "b"}
    files = {
        f"agreements/{name}.toml": OLD.replace("vna-trc-old", name).replace("2014", str(2020 - number)) for number, name in enumerate(names)
    }
    for name, before in names.items():
        files[f"agreements/{name}.toml"] = files[f"agreements/{name}.toml"].replace("[term]", f'succeeds = "{before}"\n[term]')
    told = faults(tmp_path, {**PLAIN, **files})
    assert {(file, key) for file, key, message in told if "circle" in message} == {(f"agreements/{name}.toml", "succeeds") for name in "bc"}


def test_a_category_of_a_partner_whose_file_is_broken_is_not_told(tmp_path: Path) -> None:
    """Also one with a colon of its own."""
    told = faults(tmp_path, {**changed(IN_AGREED, '["medtop:04000000"]', '["trc:news:sport"]'), IN_TRC: b""})
    assert [(file, key) for file, key, _ in told] == [(IN_TRC, "")]


NO_DAY = "is no day of the calendar; write year-month-day, such as 2025-05-07"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"# nothing\n", "is empty", id="comments only"),
        pytest.param('id = "trç"'.encode("latin-1"), "is not UTF-8: byte 9 cannot be read; save it as UTF-8", id="Latin-1"),
        pytest.param(b"id = \n", "is no TOML: Invalid value (at line 1, column 6)", id="half a line"),
        pytest.param(b"id = 1\nid = 2\n", "is no TOML: Cannot overwrite a value (at line 2, column 7)", id="a key twice"),
        pytest.param(b"id = 1\r\nid = 2\r\n", "is no TOML: Cannot overwrite a value (at line 2, column 7)", id="lines of Windows"),
        pytest.param(b"id = " + b"[" * 100_000, "is nested too deep", id="nested beyond measure"),
        pytest.param(b"id = " + b"9" * 10_000, "is no TOML: Exceeds the limit", id="a number of ten thousand digits"),
        pytest.param(b"\x00", "is no TOML: Invalid statement (at line 1, column 1)", id="NUL"),
        pytest.param(b"id = 1\n\nsince = 2025-13-07\n", f"is no TOML: line 3: 2025-13-07 {NO_DAY}", id="a day that is none"),
        pytest.param(b"\xef\xbb\xbfsince = 2025-02-29 # leap\n", f"is no TOML: line 1: 2025-02-29 {NO_DAY}", id="a day of another year"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, text: bytes, message: str) -> None:
    """Also where other files name what stands in it: the flows of a partner are not told as under an unknown agreement."""
    ((file, key, told),) = faults(tmp_path, {**PLAIN, IN_AGREED: text, "partners/azertac.toml": AZERTAC})
    assert (file, key) == (IN_AGREED, "")
    assert told == message or (message.endswith("limit") and told.startswith(message))


@pytest.mark.parametrize("end", [pytest.param("\r\n", id="of Windows"), pytest.param("\r", id="of old")])
def test_lines_may_end_otherwise(tmp_path: Path, end: str) -> None:
    plain = {name: text.replace("\n", end) for name, text in PLAIN.items()}
    (tmp_path / "plain").mkdir()
    assert read(written(tmp_path, dict(plain)), "vna") == read(written(tmp_path / "plain", dict(PLAIN)), "vna")


@pytest.mark.parametrize(
    "make", [pytest.param(Path.mkdir, id="folder"), pytest.param(lambda path: path.symlink_to("nowhere"), id="dead link")]
)
def test_what_is_no_file_is_told(tmp_path: Path, make: Callable[[Path], None]) -> None:
    config = written(tmp_path, dict(PLAIN))
    make(config / "partners" / "other.toml")
    with pytest.raises(ConfigError) as refused:
        read(config, "vna")
    (fault,) = refused.value.faults
    assert (fault.file, fault.key) == (str(config / "partners" / "other.toml"), "")
    assert fault.message in ("cannot be read: Is a directory", "cannot be read: No such file or directory")


def test_without_its_folders_nothing_is_read(tmp_path: Path) -> None:
    """To read a wrong folder as 'no flows' would close every flow."""
    with pytest.raises(ConfigError) as refused:
        read(tmp_path / "wrong", "vna")
    message = "there is no such folder; if there is nothing to put into it, make it and leave it empty"
    assert [(fault.file, fault.key, fault.message) for fault in refused.value.faults] == [
        (str(tmp_path / "wrong" / name), "", message) for name in ("partners", "agreements")
    ]


def test_an_empty_folder_says_there_is_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, {}), "vna") == Files((), (), ())


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    files = changed(IN_AGREED, "own-use", "own-usee")
    files[IN_AGREED] = str(files[IN_AGREED]).replace("until = 2028", "until = 2020").replace('title = "Exchange"', 'titel = "Exchange"')
    files[IN_TRC] = TRC.replace("https://feeds", "gopher://feeds").replace('agreement = "vna-trc"', 'agreement = "vna-tcr"')
    told = faults(tmp_path, files)
    assert [(file, key) for file, key, _ in told] == [
        (IN_TRC, "flows[0].url"),
        (IN_TRC, "flows[0].agreement"),
        (IN_TRC, "flows[1].agreement"),
        (IN_AGREED, "titel"),
        (IN_AGREED, "grants[1].onward_use"),
        (IN_AGREED, "title"),
        (IN_AGREED, "term.until"),
    ], told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param(
            "agreements/again.toml",
            AGREED.replace('succeeds = "vna-trc-old"\n', ""),
            (IN_AGREED, "reference", "there is an agreement 'vna-trc' already, in {}/agreements/again.toml"),
            id="reference",
        ),
        pytest.param(
            "partners/again.toml",
            AZERTAC,
            (IN_AZERTAC, "id", "there is a partner 'azertac' already, in {}/partners/again.toml"),
            id="partner",
        ),
        pytest.param(
            "partners/bta.toml",
            AZERTAC.replace("azertac", "bta")
            + TRC[TRC.index("[[flows]]") :].replace('"vna-trc"', '"frame"').replace('"frame"', '"to-bta"', 2),
            (IN_TRC, "flows[0].id", "there is a flow 'trc-en' already, in {}/partners/bta.toml"),
            id="flow",
        ),
        pytest.param(
            "agreements/z.toml",
            AGREED.replace('"vna-trc"', '"vna-trc-other"'),
            (
                "agreements/z.toml",
                "succeeds",
                "'vna-trc' ({}/agreements/vna-trc.toml) succeeds 'vna-trc-old' already: successors must not overlap",
            ),
            id="overlapping successors",
        ),
    ],
)
def test_two_files_must_not_claim_the_same(tmp_path: Path, name: str, text: str, told: tuple[str, str, str]) -> None:
    """Nor is that hidden by a file before them that has no good name."""
    given: dict[str, str | bytes] = {**PLAIN, name: text}
    for nameless, plain in (("partners/a.toml", AZERTAC), ("agreements/a.toml", FRAME)):
        given[nameless] = plain.replace('id = "azertac"', 'id = "A Z"').replace('"frame"', '"A Z"')
    assert (*told[:2], told[2].format(tmp_path)) in faults(tmp_path, given)


def test_a_circle_of_successors_is_told_at_each_of_its_members(tmp_path: Path) -> None:
    files = changed("agreements/old.toml", 'title = "', 'succeeds = "vna-trc"\ntitle = "')
    told = faults(tmp_path, files)
    assert [(file, message) for file, key, message in told if key == "succeeds"] == [
        ("agreements/old.toml", "is a circle: vna-trc-old succeeds vna-trc succeeds vna-trc-old"),
        (IN_AGREED, "is a circle: vna-trc succeeds vna-trc-old succeeds vna-trc"),
    ]


def test_a_circle_hides_nothing_that_stands_after_it(tmp_path: Path) -> None:
    late = {
        "agreements/vna.toml": OLD.replace("vna-trc-old", "next").replace("[term]", 'succeeds = "frame"\n[term]').replace("2014", "1950")
    }
    told = faults(tmp_path, {**changed("agreements/old.toml", 'title = "', 'succeeds = "vna-trc"\ntitle = "'), **late})
    assert [file for file, key, _ in told if key == "succeeds"] == [OF_OLD, IN_AGREED, "agreements/vna.toml"]


def test_a_flow_must_be_under_an_agreement_that_names_its_partner(tmp_path: Path) -> None:
    flow = '[[flows]]\nid = "azertac-en"\ndirection = "in"\nagreement = "vna-trc"\ntitle = "A"\nlanguages = ["en"]\nurl = "https://a.example/"\n'
    told = faults(tmp_path, {**PLAIN, "partners/azertac.toml": AZERTAC + flow})
    assert told == [
        ("partners/azertac.toml", "flows[0].agreement", "'vna-trc' does not name the partner 'azertac': its parties are vna, trc"),
    ]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    config = written(tmp_path, dict(PLAIN))
    (config / "partners" / "README.md").write_text("not TOML")
    (config / "partners" / ".trc.toml.swp").write_bytes(b"\xff")
    (config / "partners" / ".trc.toml").write_bytes(b"\xff")
    (config / "partners" / "BTA.TOML").write_text('id = "bta"\nname = "BTA"\ncountry = "BG"\n')
    assert [one.id for one in read(config, "vna").partners] == ["bta", "azertac", "trc"]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert read(written(tmp_path, {**PLAIN, "partners/azertac.toml": b"\xef\xbb\xbf" + AZERTAC.encode()}), "vna").partners


def test_the_shipped_example_is_read() -> None:
    files = read(CONFIG, "vna")
    assert [flow.id for flow in files.flows] == [
        "azertac-en",
        "azertac-az",
        "azertac-fr",
        "vna-azertac",
        "trc-en",
        "trc-ru",
        "trc-kk",
        "vna-trc",
    ]
    assert all(dossier.versions[0].assumptions for dossier in files.agreements)


def test_the_tables_of_keys_and_the_model_agree() -> None:
    """Every field of the model's agreement has its key: `grants`, `acts` and the like are tables of their own."""
    fields = set(read(CONFIG, "vna").agreements[0].versions[0].__dataclass_fields__)
    assert set(AGREEMENT) == fields | {"acts", "activities"}


def test_very_many_things_in_one_list_are_one_fault_at_once() -> None:
    """Each is not held against each."""
    many = keys.MOST + 1
    table = keys.read(
        keys.Table("x.toml", "", {"clauses": [str(number) for number in range(many)]}, []), {"clauses": keys.several(keys.text)}
    )
    assert [(fault.key, fault.message) for fault in table.faults] == [("clauses", f"names {many} things, and may name {keys.MOST}")]
