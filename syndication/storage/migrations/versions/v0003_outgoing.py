"""What goes out, whole: archives, scopes of tokens, push, our own stories in, media. And of what comes in: what was seen, and missed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From the whole mapping layer."""
    _archives()
    op.add_column("tokens", sa.Column("flows", sa.Text(), nullable=True))
    _push()
    _media()
    _newsroom()
    _seen()
    _missed()


def _archives() -> None:
    op.create_table(
        "archives",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_archives_flow")),
        sa.PrimaryKeyConstraint("flow", "number", name=op.f("pk_archives")),
    )
    op.create_index(op.f("ix_archives_at"), "archives", ["at"], unique=False)
    seen = ["flow", "visible_from", "sequence"]
    op.create_index(op.f("ix_publications_flow_visible_from_sequence"), "publications", seen, unique=False)


def _push() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", MOMENT, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("rest_until", MOMENT, nullable=True),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_subscriptions_partner")),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_subscriptions_flow")),
        sa.ForeignKeyConstraint(["token"], ["tokens.id"], name=op.f("fk_subscriptions_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("flow", "form", "callback", "means", name=op.f("uq_subscriptions_flow_form_callback_means")),
    )
    op.create_index(op.f("ix_subscriptions_partner"), "subscriptions", ["partner"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subscription"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription")),
        sa.ForeignKeyConstraint(["sequence"], ["publications.sequence"], name=op.f("fk_deliveries_sequence")),
        sa.PrimaryKeyConstraint("subscription", "sequence", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_subscription_due_at"), "deliveries", ["subscription", "due_at"], unique=False)
    op.create_table(
        "intents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name=op.f("fk_intents_partner")),
        sa.ForeignKeyConstraint(["token"], ["tokens.id"], name=op.f("fk_intents_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
    )
    op.create_index(op.f("ix_intents_done_at_due_at"), "intents", ["done_at", "due_at"], unique=False)
    op.create_index(op.f("ix_intents_host_due_at"), "intents", ["host", "due_at"], unique=False)


def _media() -> None:
    op.add_column("stories", sa.Column("brought", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "media",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_media")),
    )
    op.create_index(op.f("ix_media_taken_at"), "media", ["taken_at"], unique=False)
    op.create_table(
        "brought",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["story", "version"], ["story_versions.story", "story_versions.number"], name=op.f("fk_brought_story_version")
        ),
        sa.ForeignKeyConstraint(["hash"], ["media.hash"], name=op.f("fk_brought_hash")),
        sa.PrimaryKeyConstraint("story", "version", "place", name=op.f("pk_brought")),
    )
    op.create_index(op.f("ix_brought_hash"), "brought", ["hash"], unique=False)
    op.create_index(op.f("ix_brought_next_at"), "brought", ["next_at"], unique=False)


def _newsroom() -> None:
    op.create_table(
        "newsroom_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsroom_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_newsroom_tokens_digest")),
    )
    op.create_table(
        "keyed_requests",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token", "key", name=op.f("pk_keyed_requests")),
    )
    op.create_index(op.f("ix_keyed_requests_claimed_at"), "keyed_requests", ["claimed_at"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_submissions")),
    )
    op.create_table(
        "newsroom_polls",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("validators", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_newsroom_polls")),
    )


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_seen_flow")),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_seen")),
    )


def _missed() -> None:
    op.add_column("schedule", sa.Column("missed_at", MOMENT, nullable=True))
