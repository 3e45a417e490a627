"""The first schema: one exchange, end to end."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From nothing."""

    op.create_table(
        "acts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_reference"), "acts", ["reference"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "version", name=op.f("pk_agreements")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_key_at"), "attempts", ["key", "at"], unique=False)
    op.create_table(
        "bodies",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_bodies")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=True),
        sa.Column("agreement_version", sa.Integer(), nullable=True),
        sa.Column("clause", sa.String(), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_subject_flow_id"), "decisions", ["subject", "flow", "id"], unique=False)
    op.create_table(
        "editors",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keys", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editors")),
        sa.UniqueConstraint("login", name=op.f("uq_editors_login")),
    )
    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_subject"), "events", ["subject"], unique=False)
    op.create_table(
        "partners",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("pubstatus", sa.String(), nullable=False),
        sa.Column("first_made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("evolved_from", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_stories_entry_id")),
        sa.UniqueConstraint("uri", name=op.f("uq_stories_uri")),
    )
    op.create_index(op.f("ix_stories_first_made_at"), "stories", ["first_made_at"], unique=False)
    op.create_table(
        "flows",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_flows_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flows")),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("editor", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_links_editor")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_links")),
    )
    op.create_table(
        "story_versions",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("pubstatus", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["stories.id"], name=op.f("fk_story_versions_story")),
        sa.PrimaryKeyConstraint("story", "number", name=op.f("pk_story_versions")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_tokens_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_partner"), "tokens", ["partner"], unique=False)
    op.create_table(
        "tombstones",
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("when", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_tombstones_partner")),
        sa.PrimaryKeyConstraint("partner", "guid", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "faults",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_faults_flow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faults")),
    )
    op.create_index(op.f("ix_faults_flow_id"), "faults", ["flow", "id"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("taken_version", sa.Integer(), nullable=True),
        sa.Column("story", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evolved_from", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_items_flow")),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_items_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("flow", "guid", name=op.f("uq_items_flow_guid")),
    )
    op.create_index(op.f("ix_items_partner_guid"), "items", ["partner", "guid"], unique=False)
    op.create_index(op.f("ix_items_state_changed_at_id"), "items", ["state", "changed_at", "id"], unique=False)
    op.create_table(
        "polls",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("validators", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_polls_flow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index(op.f("ix_polls_flow_id"), "polls", ["flow", "id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_publications_flow")),
        sa.ForeignKeyConstraint(["story"], ["stories.id"], name=op.f("fk_publications_story")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_publications")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_publications_story_sequence"), "publications", ["story", "sequence"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("validators", sa.Text(), nullable=True),
        sa.Column("last_good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_new_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_schedule_flow")),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_due_at"), "schedule", ["due_at"], unique=False)
    op.create_table(
        "fetches",
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["publications.sequence"], name=op.f("fk_fetches_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_fetches")),
    )
    op.create_table(
        "item_versions",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_item_versions_item")),
        sa.ForeignKeyConstraint(["raw"], ["bodies.hash"], name=op.f("fk_item_versions_raw")),
        sa.PrimaryKeyConstraint("item", "number", name=op.f("pk_item_versions")),
    )
    op.create_table(
        "reviews",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_reviews_item")),
        sa.PrimaryKeyConstraint("item", "revision", name=op.f("pk_reviews")),
    )
    op.create_table(
        "standings",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("first_placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_standings_flow")),
        sa.ForeignKeyConstraint(["sequence"], ["publications.sequence"], name=op.f("fk_standings_sequence")),
        sa.ForeignKeyConstraint(["story"], ["stories.id"], name=op.f("fk_standings_story")),
        sa.PrimaryKeyConstraint("flow", "story", name=op.f("pk_standings")),
    )
    op.create_index(op.f("ix_standings_flow_sequence"), "standings", ["flow", "sequence"], unique=False)
