"""What comes in, whole: each part of it below brings its own tables and columns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From what goes out, whole."""
    _likeness()


def _likeness() -> None:
    op.create_table(
        "signatures",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("giver", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_signatures")),
    )
    op.create_index(op.f("ix_signatures_at"), "signatures", ["at"], unique=False)
    op.create_table(
        "bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("giver", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("band", "giver", name=op.f("pk_bands")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alike",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "other", name=op.f("pk_alike")),
    )
