"""Which keys the files in `config/partners` and `config/agreements` have, table by table."""

from typing import Final

from syndication.agreements.keys import (
    Key,
    OneOf,
    Shape,
    Whole,
    address,
    country,
    credit,
    day,
    digest,
    flag,
    language,
    language_or_every,
    lines,
    member,
    one,
    several,
    slug,
    subject,
    subject_or_every,
    text,
    topic,
    zone,
)
from syndication.model.agreement import (
    ActKind,
    Alteration,
    ContentType,
    CreditPlace,
    EmbargoHandling,
    Measure,
    OnwardUse,
    Period,
    ReviewTerm,
)
from syndication.model.partner import Direction, Told

BY: Final = {"us": Direction.OUTBOUND, "them": Direction.INBOUND}

TERM: Final[Shape] = {
    "effective": one(day, required=True, says="in force from 00:00 of this day"),
    "until": one(day, says="to 24:00 of this day; left out: without end"),
    "zone": one(zone, says="the IANA time zone whose days are counted, such as `Asia/Ho_Chi_Minh`; `UTC` if nothing is said"),
    "renewal_months": one(Whole(1, 1_200), says="after `until` it goes on by so many months, again and again"),
    "notice_days": one(Whole(0, 3_650), says="unless notice was given at least so many days before the end"),
    "grace_days": one(Whole(0, 3_650), says="after the end the old terms go on for so many days, and what moves is marked"),
}
GRANT: Final[Shape] = {
    "clause": one(text, required=True, says="what the document calls it; quoted in every verdict"),
    "direction": one(member(Direction), required=True, says="`in`: from them to us; `out`: from us to them"),
    "types": several(
        member(ContentType),
        required=True,
        filled=True,
        says=(
            "`text`, `picture`, `video`, `audio`, `graphic`, `composite`; a picture within a text is left out where only `text` is granted"
        ),
    ),
    "languages": several(
        language_or_every,
        required=True,
        filled=True,
        says="the languages (BCP 47) that are granted; `en` covers `en-GB`, and `*` is all of them",
    ),
    "topics": several(
        subject_or_every,
        required=True,
        filled=True,
        says=(
            "what is granted: IPTC Media Topics (`medtop:04000000`), a partner's own categories (`trc:sport`, as its file "
            "names them), or `*` for all"
        ),
    ),
    "topics_out": several(
        subject,
        says=(
            "a denial: it beats every grant in that direction, in any agreement in force with this partner, frames too. "
            "Topics are compared as they stand, so where a Media Topic is excluded, what names no topic of the top level "
            "(`medtop:01000000` to `medtop:17000000`) is kept out too: it cannot be told to be something else"
        ),
    ),
    "onward_use": one(
        member(OnwardUse),
        required=True,
        says=(
            "`own-use`, `own-subscribers`: it enters no partner's feed; `named-partners`: those in `onward_partners`; "
            "`anyone`. It never goes back to where it came from. `own-use` in any agreement in force with the origin beats "
            "a wider grant"
        ),
    ),
    "onward_partners": several(slug, says="partners' ids, with `named-partners`"),
    "alteration": one(
        member(Alteration),
        required=True,
        says="`none`: not a word; `abridge`: words may be left out, none added or moved; `translate`: also into another language; `free`",
    ),
    "credit_line": one(
        credit,
        says="written when an editor accepts: `{partner}`, `{author}`, `{original}` are filled in; without it the story is not released",
    ),
    "embargo": one(
        member(EmbargoHandling),
        says=(
            "`withheld` until the hour, or delivered before it, `marked`; a story goes out early only if both the origin "
            "and the outbound grant say `marked`"
        ),
    ),
    "use_days": one(Whole(1, 36_500), says="it may be used for so many days after it was received"),
    "archive": one(flag, says="what was taken may stay in use after the agreement has ended"),
    "territory": several(country, says="ISO 3166 countries where it may be used; carried on the wire, and shown to the editor"),
    "not_territory": several(country, says="ISO 3166 countries where it may not"),
    "machine_translation": one(flag, says="`true` where translation by machine is allowed; carried on the wire"),
    "model_training": one(flag, says="`true` where the training of models is allowed; carried on the wire"),
    "credit_place": one(member(CreditPlace), says="where the credit line stands: `start`, `end` (if nothing is said) or `byline`"),
    "delete_at_end": one(flag, says="when its use has ended, its text is deleted; what was deleted is listed, and does not come in again"),
    "review": one(
        member(ReviewTerm),
        says=(
            "of what comes in: `editor` (if nothing is said), or `automatic`: accepted at once, but never what is flagged, "
            "withheld or under embargo, nor what replaces something killed"
        ),
    ),
    "priority": one(flag, says="of what comes in: it stands first in the editors' queue"),
}
OBLIGATION: Final[Shape] = {
    "clause": one(text, required=True, says="what the document calls it"),
    "by": one(OneOf(BY), required=True, says="whose duty it is: `us` or `them`"),
    "what": one(text, required=True, says="what it asks, in words"),
    "at_least": one(
        Whole(1, 1_000_000),
        says="how many pieces a `period`, at least; without it and without `at_most`, it asks for a report each `period`",
    ),
    "at_most": one(
        Whole(1, 1_000_000),
        says=(
            "a ceiling: over it nothing more is placed on their flows (ours, `offered`), or accepted (theirs, "
            "`published`), until the next period begins"
        ),
    ),
    "period": one(member(Period), says="`day`, `week` from Monday, `month`, `quarter`, `year`"),
    "measure": one(member(Measure), says="`offered` (if nothing is said) or `published` by whoever received it"),
    "types": several(member(ContentType), says="which types of pieces are counted; left out: all"),
    "languages": several(language_or_every, says="in which languages; left out: all"),
    "within_minutes": one(Whole(1, 525_600), says="a kill or a correction is carried out in so many minutes"),
}
ACTIVITY: Final[Shape] = {
    "kind": one(text, required=True, says="training, delegation, meeting, joint coverage: in words"),
    "title": one(text, required=True, says="what it is called"),
    "on": one(day, says="the day, or the first of its days"),
    "until": one(day, says="the last of its days"),
    "place": one(text, says="where"),
    "who": several(text, says="who took part: a list"),
    "outcome": one(text, says="what came of it"),
    "minutes": one(lines, says="of a meeting; may run over lines"),
}
ACT: Final[Shape] = {
    "kind": one(member(ActKind), required=True, says="`suspend`, `resume`, `notice`, `terminate`; `join` and `leave` of a frame"),
    "on": one(day, required=True, says="from 00:00 of this day; acts stand in order, the oldest first"),
    "reason": one(text, required=True, says="why; shown wherever the act decides"),
    "by": one(text, says="who did it, in words"),
    "party": one(slug, says="of `join` and `leave`: which party"),
}
DOCUMENT: Final[Shape] = {
    "name": one(text, required=True, says="the file's name"),
    "sha256": one(
        digest, required=True, says="the SHA-256 of its bytes, as `sha256sum` prints it; `agreement attach` keeps the file itself"
    ),
}
AGREEMENT: Final[Shape] = {
    "reference": one(slug, required=True, says="its name; lower-case letters, digits and hyphens"),
    "version": one(Whole(1, 10_000), says="which version the file states; the first is 1"),
    "since": one(day, says="from which day that version holds; the first, from `effective`"),
    "title": one(text, required=True, says="of the document"),
    "parties": several(slug, required=True, filled=True, says="ids of partners, and ours; more than two make a multilateral frame"),
    "signed_on": one(day, says="the day; without it: a draft, under which nothing moves"),
    "signed_at": one(text, says="the place"),
    "languages": several(language, says="those of its text"),
    "succeeds": one(
        slug,
        says="the agreement before it: from its first day this one governs the flows that name the old one, with no gap and no overlap",
    ),
    "under": one(slug, says="the multilateral frame it stands under"),
    "clauses": several(text, says="for people: costs, disputes, contacts; shown, not computed"),
    "assumptions": several(text, says="what the file assumes because the document does not say it"),
    "term": Key(shape=TERM, required=True, says="how long it holds: `[term]`"),
    "grants": Key(shape=GRANT, many=True, says="what it allows: `[[grants]]`"),
    "obligations": Key(shape=OBLIGATION, many=True, says="what it asks and can be counted: `[[obligations]]`"),
    "documents": Key(shape=DOCUMENT, many=True, says="the signed text itself: `[[documents]]`"),
    "activities": Key(shape=ACTIVITY, many=True, says="what the parties do besides: `[[activities]]`"),
    "acts": Key(shape=ACT, many=True, says="what was done after the signature: `[[acts]]`"),
}
CATEGORY: Final[Shape] = {
    "name": one(text, required=True, says="its own word, or code, for a subject; capitals make no difference"),
    "topics": several(
        topic, required=True, filled=True, says="the IPTC Media Topics it stands for; a word that is not there stands for nothing"
    ),
}
FLOW: Final[Shape] = {
    "id": one(slug, required=True, says="its name, for ever: in addresses, decisions and stamps"),
    "direction": one(member(Direction), required=True, says="`in`: we poll it; `out`: we serve it"),
    "agreement": one(slug, required=True, says="the reference it runs under; a successor takes over by itself"),
    "title": one(text, required=True, says="as people see it"),
    "languages": several(
        language,
        required=True,
        filled=True,
        says="what it carries; an item in another is refused; the first is what an item without one is taken to be in",
    ),
    "url": one(address, says="of a flow that comes in: where it is polled"),
    "interval_minutes": one(Whole(1, 7 * 24 * 60), says="of a flow that comes in: how often it is polled; 15 if nothing is said"),
    "push": one(
        member(Told),
        says="of a flow that comes in, whose feed names a hub (WebSub): `hint`, if nothing is said: a push has us poll at once; `content`: "
        "what the hub sends is taken too, as if it were polled, but for kills, which only hold; `off`: the hub is not asked",
    ),
    "topics": several(topic, says="of a flow that comes in: what an item without a known category is taken to be about"),
    "paused": one(
        flag,
        says="`true`: it stands still, and is kept: coming in, it is not polled; going out, it answers 403, and what is released "
        "meanwhile waits there",
    ),
}
MARKERS: Final[Shape] = {
    "kill": several(text, says="words that mark a kill: what bears the id of an earlier item, or says which it follows, takes it back"),
    "hold": several(text, says="words that mark a hold: it comes in, withheld"),
    "embargo": several(
        text, says="words that mark an embargo: until the hour that stands behind them, with its zone; withheld where none can be read"
    ),
}
PARTNER: Final[Shape] = {
    "id": one(slug, required=True, says="its name in parties, flows and categories"),
    "name": one(text, required=True, says="as people see it"),
    "country": one(country, required=True, says="ISO 3166, such as `KZ`"),
    "homepage": one(address, says="its address"),
    "token_in_address": one(
        flag, says="`true` lets its feeds be asked for with `?token=`, which ends up in logs: only where its reader can do nothing else"
    ),
    "categories": Key(shape=CATEGORY, many=True, says="its own words for subjects: `[[categories]]`"),
    "markers": Key(shape=MARKERS, says="its own words for kills, holds and embargoes: `[markers]`"),
    "flows": Key(shape=FLOW, many=True, says="what moves between it and us: `[[flows]]`"),
}
