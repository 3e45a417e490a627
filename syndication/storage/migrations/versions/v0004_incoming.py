"""What comes in, whole: each part of it below brings its own tables and columns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From what goes out, whole."""
    _refused()
    _health()
    _urgent()


def _refused() -> None:
    op.add_column("faults", sa.Column("kind", sa.String(), nullable=False, server_default="entry"))
    for name, kind in (("guid", sa.Text()), ("head", sa.LargeBinary()), ("tail", sa.LargeBinary())):
        op.add_column("faults", sa.Column(name, kind, nullable=True))
    op.add_column("faults", sa.Column("content_type", sa.Text(), nullable=True))
    op.add_column("faults", sa.Column("url", sa.Text(), nullable=True))
    op.add_column("faults", sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("faults", sa.Column("hash", sa.String(), nullable=True))
    op.create_index(op.f("ix_faults_flow_hash"), "faults", ["flow", "hash"], unique=False)
    op.create_table(
        "renamings",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("known_as", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_renamings_flow")),
        sa.PrimaryKeyConstraint("flow", "guid", name=op.f("pk_renamings")),
    )


def _health() -> None:
    op.add_column("schedule", sa.Column("arrivals", sa.Text(), nullable=True))
    op.add_column("schedule", sa.Column("flipped_at", MOMENT, nullable=True))
    op.add_column("schedule", sa.Column("shifted", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_items_flow_first_seen_at"), "items", ["flow", "first_seen_at"], unique=False)


def _urgent() -> None:
    op.add_column("items", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    # What stands first goes on doing so.
    op.execute("UPDATE items SET urgent = priority")
