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
    seen = ["flow", "visible_from", "sequence"]
    op.create_index(op.f("ix_publications_flow_visible_from_sequence"), "publications", seen, unique=False)


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
