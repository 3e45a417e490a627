"""What comes in, whole: each part of it below brings its own tables and columns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0004"
down_revision = "0003"
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From what goes out, whole."""
    _search()
    _likeness()
    _refused()
    _health()
    _urgent()
    _callbacks()
    _arrivals()


def _search() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "search_due",
        sa.Column("number", number, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_due")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_entries",
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("subject", name=op.f("uq_search_entries_subject")),
    )
    if op.get_bind().dialect.name == "sqlite":
        # No places of words (`detail`) and no lengths of texts (`columnsize`): nothing is ranked. ASCII: words come cut and folded already.
        op.execute("CREATE VIRTUAL TABLE search_words USING fts5(words, detail=none, columnsize=0, tokenize='ascii', prefix='1 2')")
        op.execute(
            "CREATE TRIGGER search_words_go AFTER DELETE ON search_entries BEGIN DELETE FROM search_words WHERE rowid = old.number; END"
        )
    else:
        op.create_table(
            "search_words",
            sa.Column("number", number, autoincrement=False, nullable=False),
            sa.Column("words", TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(["number"], ["search_entries.number"], ondelete="CASCADE", name=op.f("fk_search_words_number")),
            sa.PrimaryKeyConstraint("number", name=op.f("pk_search_words")),
        )
        op.create_index(op.f("ix_search_words_words"), "search_words", ["words"], unique=False, postgresql_using="gin")
    # What is there already: the worker takes it from here, the oldest first.
    op.execute(
        "INSERT INTO search_due (subject) SELECT subject FROM ("
        "SELECT item AS subject, received_at AS at FROM items JOIN item_versions ON item = id AND number = current"
        " UNION ALL SELECT story, made_at FROM stories JOIN story_versions ON story = id AND number = current"
        ") AS there ORDER BY at, subject"
    )


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


def _callbacks() -> None:
    op.create_table(
        "hubs",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("pushed_at", MOMENT, nullable=True),
        sa.Column("missed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_hubs_flow")),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_hubs")),
    )
    op.create_index(op.f("ix_hubs_due_at"), "hubs", ["due_at"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_callbacks_flow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index(op.f("ix_callbacks_flow"), "callbacks", ["flow"], unique=False)
    op.create_table(
        "pushes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flows.id"], name=op.f("fk_pushes_flow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
    )
    op.create_index(op.f("ix_pushes_flow_id"), "pushes", ["flow", "id"], unique=False)


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
