"""What comes in, whole: each part of it below brings its own tables and columns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From what goes out, whole."""
    _arrivals()


def _arrivals() -> None:
    """What is in the queue when this comes is not fetched: its partner may have taken it down since."""
    op.create_table(
        "arrivals",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("wanted_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["hash"], ["media.hash"], name=op.f("fk_arrivals_hash")),
        sa.ForeignKeyConstraint(["item", "version"], ["item_versions.item", "item_versions.number"], name=op.f("fk_arrivals_item")),
        sa.PrimaryKeyConstraint("item", "version", "place", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_hash"), "arrivals", ["hash"], unique=False)
    op.create_index(op.f("ix_arrivals_next_at"), "arrivals", ["next_at"], unique=False)
    op.create_index(op.f("ix_arrivals_partner_hash"), "arrivals", ["partner", "hash"], unique=False)
