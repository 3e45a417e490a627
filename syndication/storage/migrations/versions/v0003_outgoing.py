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
    _seen()


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


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_seen_flow")),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_seen")),
    )
