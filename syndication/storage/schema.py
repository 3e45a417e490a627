"""The tables. A change here needs a migration; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    false,
)

from syndication.model.activity import Activity
from syndication.model.agreement import Act, Agreement, Stamp
from syndication.model.clearance import Subject, Usage, Verdict
from syndication.model.entry import Entry, Mark
from syndication.model.partner import Flow, Partner
from syndication.model.poll import Counts, Validators
from syndication.model.story import Content
from syndication.model.submission import Answer
from syndication.storage.columns import Instant, String, Text, Value

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives; SQLite counts by itself only in a column of this very type."""

partners = Table(
    "partners",
    metadata,
    Column("id", String, primary_key=True),
    Column("value", Value(Partner), nullable=False),
    Column("taken_at", Instant, nullable=False),
)

flows = Table(
    "flows",
    metadata,
    Column("id", String, primary_key=True),
    Column("partner", ForeignKey("partners.id"), nullable=False),
    Column("direction", String, nullable=False),
    Column("state", String, nullable=False),
    Column("value", Value(Flow), nullable=False),
    Column("taken_at", Instant, nullable=False),
)

schedule = Table(
    "schedule",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("due_at", Instant),
    Column("lease_until", Instant),
    Column("attempt", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("validators", Value(Validators)),
    Column("last_good_at", Instant),
    Column("last_new_at", Instant),
    Column("missed_at", Instant),
    Column("arrivals", Value(tuple[int, ...])),
    Column("flipped_at", Instant),
    Column("shifted", Integer),
    Index(None, "due_at"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("reference", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("value", Value(Agreement), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "revision"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("reference", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("value", Value(Agreement), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("replaced_by", Integer, nullable=False),
)
"""What stood in `agreements` as a draft until a later draft or the signed version took its place, at the revision `replaced_by`."""

acts = Table(
    "acts",
    metadata,
    Column("id", Number, primary_key=True),
    Column("reference", String, nullable=False),
    Column("value", Value(Act), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "reference"),
    Index(None, "revision"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("reference", String, primary_key=True),
    Column("hash", ForeignKey("bodies.hash"), primary_key=True),
    Column("name", String, nullable=False),
    Column("attached_at", Instant, nullable=False),
    Column("attached_by", String, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String, primary_key=True),
    Column("reference", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("act", Value(Act)),
    Column("widens", Value(tuple[str, ...]), nullable=False),
    Column("state", String, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String),
    Column("reason", Text),
    CheckConstraint("state <> 'signed off' OR decided_by <> proposed_by", name="two_persons"),
    Index(None, "state", "proposed_at"),
)

activities = Table(
    "activities",
    metadata,
    Column("id", String, primary_key=True),
    Column("agreement", String, nullable=False),
    Column("value", Value(Activity), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String, nullable=False),
    Index(None, "agreement"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Number, primary_key=True),
    Column("movement", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("flow", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("partner", String, nullable=False),
    Column("agreement", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("clause", String, nullable=False),
    Column("type", String, nullable=False),
    Column("language", String, nullable=False),
    Column("again", Boolean, nullable=False),
    UniqueConstraint("movement", "subject", "flow", "type", "language"),
    Index(None, "agreement", "direction", "movement", "again", "at"),
)
"""What moved, once in each type and language: offered to the other party, or published by it; what obligations are counted from.

`again`: it had moved there before, in another.
"""

erasures = Table(
    "erasures",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subject", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("partner", String, nullable=False),
    Column("guid", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("agreement", String, nullable=False),
    Column("agreement_version", Integer, nullable=False),
    Column("clause", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "agreement", "id"),
    Index(None, "subject"),
)
"""The list of what was deleted at the end of its use; only added to."""

bodies = Table(
    "bodies",
    metadata,
    Column("hash", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", String, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("partner", ForeignKey("partners.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("current", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("flags", Value(tuple[str, ...]), nullable=False),
    Column("taken_version", Integer),
    Column("story", String),
    Column("reason", Text),
    Column("decided_by", String),
    Column("decided_at", Instant),
    Column("evolved_from", String),
    Column("priority", Boolean, nullable=False),
    Column("erased_at", Instant),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("flow", "guid"),
    Index(None, "partner", "guid"),
    Index(None, "state", "priority", "changed_at", "id"),
    Index(None, "flow", "first_seen_at"),
)

item_versions = Table(
    "item_versions",
    metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", Value(Entry), nullable=False),
    Column("raw", ForeignKey("bodies.hash"), nullable=False),
    Column("stamp", Value(Stamp), nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("to_delete", Boolean, nullable=False),
    Index(None, "raw"),
    Index(None, "to_delete", "item", "number"),
)
"""`to_delete`: its terms say that its text is deleted at the end of its use, and it still has it."""

signatures = Table(
    "signatures",
    metadata,
    Column("subject", String, primary_key=True),
    Column("giver", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("bands", Value(tuple[int, ...]), nullable=False),
    Index(None, "at"),
)
"""By which bands an item, or a story of ours that went out, is found again among others that say the same; gone with its text."""

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("giver", String, primary_key=True),
    Column("subject", String, nullable=False),
    sqlite_with_rowid=False,
)
"""The same, the other way round: of each giver the last that has it."""

alike = Table(
    "alike",
    metadata,
    Column("subject", String, primary_key=True),
    Column("other", String, primary_key=True),
)
"""Which items say the same as other partners' items, or as a story of ours; each pair both ways round."""

reviews = Table(
    "reviews",
    metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("act", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("from_state", String, nullable=False),
    Column("to_state", String, nullable=False),
    Column("reason", Text),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("partner", ForeignKey("partners.id"), primary_key=True),
    Column("guid", Text, primary_key=True),
    Column("when", Instant, nullable=False),
    Column("comment", Text),
    Column("recorded_at", Instant, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", String, primary_key=True),
    Column("entry_id", String, nullable=False, unique=True),
    Column("current", Integer, nullable=False),
    Column("pubstatus", String, nullable=False),
    Column("first_made_at", Instant, nullable=False),
    Column("item", String),
    Column("uri", Text, unique=True),
    Column("evolved_from", String),
    Column("erased_at", Instant),
    Column("brought", Integer, nullable=False, default=0, server_default="0"),
    Index(None, "first_made_at"),
)
"""`brought`: rises with each rendition of it that was brought home, which a feed shows by another address from then on."""

derivations = Table(
    "derivations",
    metadata,
    Column("story", ForeignKey("stories.id"), primary_key=True),
    Column("source", ForeignKey("stories.id"), primary_key=True),
    Index(None, "source"),
)
"""Which story was translated, abridged or compiled from which."""

story_versions = Table(
    "story_versions",
    metadata,
    Column("story", ForeignKey("stories.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Value(Content), nullable=False),
    Column("pubstatus", String, nullable=False),
    Column("act", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String, nullable=False),
    Column("note", Text),
    Column("sources", Value(tuple[Stamp, ...]), nullable=False),
    Column("to_delete", Boolean, nullable=False),
    Index(None, "to_delete", "story", "number"),
)
"""`to_delete`: as of an item's version; some source demands it."""

search_due = Table(
    "search_due",
    metadata,
    Column("number", Number, primary_key=True),
    Column("subject", String, nullable=False),
    # Or SQLite would give a number again once the highest is gone.
    sqlite_autoincrement=True,
)
"""Changes of items and stories whose words are not kept yet: only added to where something changes, so that nobody waits for anybody."""

search_entries = Table(
    "search_entries",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("subject", String, nullable=False, unique=True),
)
"""What can be found, by the number of its last change. Its words are in `search_words`, which the migration makes: FTS5's on SQLite, by
rowid; a table with a tsvector on PostgreSQL. What goes here goes there.
"""

media = Table(
    "media",
    metadata,
    Column("hash", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", Instant, nullable=False),
    Index(None, "taken_at"),
)
"""The bytes that are kept here, on disk under their hash: written there before they are written here (D04)."""

brought = Table(
    "brought",
    metadata,
    Column("story", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("hash", ForeignKey("media.hash")),
    Column("at", Instant),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant),
    Column("why", Text),
    ForeignKeyConstraint(["story", "version"], ["story_versions.story", "story_versions.number"]),
    Index(None, "hash"),
    Index(None, "next_at"),
)
"""Which renditions of a version are kept here, by their `place` in its content: the version itself never changes. `hash`, `at`: what was
brought home, and when. `next_at`: when it is fetched (again); `why`: what was wrong the last time."""

arrivals = Table(
    "arrivals",
    metadata,
    Column("item", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("partner", String, nullable=False),
    Column("host", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("hash", ForeignKey("media.hash")),
    Column("at", Instant),
    Column("wanted_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant),
    Column("lease_until", Instant),
    Column("why", Text),
    ForeignKeyConstraint(["item", "version"], ["item_versions.item", "item_versions.number"]),
    Index(None, "hash"),
    Index(None, "next_at"),
    Index(None, "partner", "hash"),
)
"""The same of what came in: which renditions of a version of an item are kept here. `host`: of its `url`, to which one visit is under way
at a time; `lease_until`: somebody is on the way."""

publications = Table(
    "publications",
    metadata,
    Column("sequence", Number, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("story", ForeignKey("stories.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("stamp", Value(Stamp), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("visible_from", Instant, nullable=False),
    Column("note", Text),
    Index(None, "story", "sequence"),
    Index(None, "flow", "visible_from", "sequence"),
    sqlite_autoincrement=True,
)

standings = Table(
    "standings",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("story", ForeignKey("stories.id"), primary_key=True),
    Column("sequence", ForeignKey("publications.sequence"), nullable=False),
    Column("kind", String, nullable=False),
    Column("visible_from", Instant, nullable=False),
    Column("first_placed_at", Instant, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("fetched_at", Instant),
    Index(None, "flow", "kind", "visible_from", "sequence"),
)

archives = Table(
    "archives",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("sequence", Number, nullable=False),
    Index(None, "at"),
)
"""The archive documents of a flow (RFC 5005, 4), from 1: each ends with the Publication of that watermark, and is never cut anew."""

fetches = Table(
    "fetches",
    metadata,
    Column("sequence", ForeignKey("publications.sequence"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("token", String, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String, primary_key=True),
    Column("means", String, nullable=False),
    Column("partner", ForeignKey("partners.id"), nullable=False),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("form", String, nullable=False),
    Column("callback", Text, nullable=False),
    Column("token", ForeignKey("tokens.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("secret", Text),
    Column("old_secret", Text),
    Column("old_until", Instant),
    Column("state", String, nullable=False),
    Column("end", String),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("rest_until", Instant),
    Column("last_success_at", Instant),
    Column("last_error", Text),
    Column("claimed_until", Instant),
    Column("attempt", Integer, nullable=False),
    UniqueConstraint("flow", "form", "callback", "means"),
    Index(None, "partner"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("subscription", ForeignKey("subscriptions.id"), primary_key=True),
    Column("sequence", ForeignKey("publications.sequence"), primary_key=True, autoincrement=False),
    Column("story", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Index(None, "subscription", "due_at"),
)
"""What waits to be sent; what has been sent is in `fetches`."""

intents = Table(
    "intents",
    metadata,
    Column("id", String, primary_key=True),
    Column("mode", String, nullable=False),
    Column("partner", ForeignKey("partners.id"), nullable=False),
    Column("token", ForeignKey("tokens.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("flow", String),
    Column("form", String),
    Column("callback", Text, nullable=False),
    Column("host", String, nullable=False),
    Column("lease_seconds", Integer, nullable=False),
    Column("secret", Text),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("attempt", Integer, nullable=False),
    Column("done_at", Instant),
    Column("outcome", Text),
    Index(None, "done_at", "due_at"),
    Index(None, "host", "due_at"),
)
"""What was asked of the hub. Those that are done stay for a day, so that no callback is asked too often."""

polls = Table(
    "polls",
    metadata,
    Column("id", Number, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("outcome", String, nullable=False),
    Column("validators", Value(Validators), nullable=False),
    Column("counts", Value(Counts), nullable=False),
    Column("status", Integer),
    Column("size", BigInteger),
    Column("url", Text),
    Column("error", Text),
    Column("note", Text),
    Index(None, "flow", "id"),
)

hubs = Table(
    "hubs",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("url", Text),
    Column("topic", Text),
    Column("due_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("failures", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("error", Text),
    Column("pushed_at", Instant),
    Column("missed_at", Instant),
    Index(None, "due_at"),
)
"""Of each inbound flow whose feed named one."""

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", String, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("reason", Text),
    Index(None, "flow"),
)
"""Those that stand, or may come to; one that is over is not kept."""

pushes = Table(
    "pushes",
    metadata,
    Column("id", Number, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("content_type", Text),
    Column("claimed_until", Instant),
    Column("attempt", Integer, nullable=False),
    Index(None, "flow", "id"),
)
"""What hubs sent and is not taken yet."""

seen = Table(
    "seen",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("marks", Value(tuple[Mark, ...]), nullable=False),
)

faults = Table(
    "faults",
    metadata,
    Column("id", Number, primary_key=True),
    Column("flow", ForeignKey("flows.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("kind", String, nullable=False, server_default="entry"),
    Column("guid", Text),
    Column("head", LargeBinary),
    Column("tail", LargeBinary),
    Column("content_type", Text),
    Column("url", Text),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("hash", String),
    Index(None, "flow", "id"),
    Index(None, "flow", "hash"),
)
"""What was refused, with its bytes. `hash`: of the bytes, so that what comes again with every poll is kept once."""

renamings = Table(
    "renamings",
    metadata,
    Column("flow", ForeignKey("flows.id"), primary_key=True),
    Column("guid", Text, primary_key=True),
    Column("known_as", Text, nullable=False),
    Column("standing", String, nullable=False),
)
"""Ids under which a feed that changed all of them sends what is known under others."""

decisions = Table(
    "decisions",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("headline", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("flow", String, nullable=False),
    Column("partner", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("agreement", String),
    Column("agreement_version", Integer),
    Column("clause", String),
    Column("allowed", Boolean, nullable=False),
    Column("verdicts", Value(tuple[Verdict, ...]), nullable=False),
    Column("facts", String),
    Column("on", String),
    Column("used", Value(Usage)),
    Column("register", Integer),
    Column("inputs", String),
    Index(None, "subject", "flow", "id"),
    Index(None, "flow", "id"),
)

unasked = Table("unasked", metadata, Column("decision", Number, primary_key=True, autoincrement=False))
"""The last decision that was made before what the gate was given was kept with each: one row, written when that began."""

facts = Table(
    "facts",
    metadata,
    Column("hash", String, primary_key=True),
    Column("subject", Value(Subject)),
    Column("flow", Value(Flow)),
)
"""What decisions were asked about, once each, whichever of the two it is: so that anyone can ask the gate again."""

events = Table(
    "events",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "subject"),
)

editors = Table(
    "editors",
    metadata,
    Column("id", String, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("language", String, nullable=False),
    Column("session", Integer, nullable=False),
    Column("password_hash", String),
    Column("created_at", Instant, nullable=False),
    Column("keys", Boolean, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("digest", String, primary_key=True),
    Column("editor", ForeignKey("editors.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("partner", ForeignKey("partners.id"), nullable=False),
    Column("label", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    Column("flows", Value(tuple[str, ...])),
    Index(None, "partner"),
)

newsroom_tokens = Table(
    "newsroom_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("label", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
)

keyed_requests = Table(
    "keyed_requests",
    metadata,
    Column("token", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("answer", Value(Answer)),
    Index(None, "claimed_at"),
)
"""Requests with an Idempotency-Key of the last day, and how each was answered; without an answer: under way, or given up half way."""

submissions = Table(
    "submissions",
    metadata,
    Column("uri", Text, primary_key=True),
    Column("digest", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
)
"""Of each story that comes from the folder or the feed of our newsroom, the hash of the last document that was taken."""

newsroom_polls = Table(
    "newsroom_polls",
    metadata,
    Column("url", Text, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("validators", Value(Validators), nullable=False),
)
"""When our newsroom's feed is due again, and what the next visit sends."""

attempts = Table(
    "attempts",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", String, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "key", "at"),
)
