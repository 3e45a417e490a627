"""What goes out, whole: archives, scopes of tokens, push, our own stories in, media."""

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
    _media()
    _newsroom()


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
