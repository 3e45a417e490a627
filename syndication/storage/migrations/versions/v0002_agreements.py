"""The whole mapping layer: obligations counted, decisions that can be asked again, deletion, proposals, activities, derived stories."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("decisions", "facts", "erasures", "unasked")


def upgrade() -> None:
    """From one exchange, end to end."""
    _tables()
    _columns()
    _standings()
    _obligations()
    for table in APPEND_ONLY:
        for statement in _guards(table, op.get_bind().dialect.name):
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "drafts",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "version", "revision", name=op.f("pk_drafts")),
    )
    op.create_table(
        "attachments",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("attached_at", MOMENT, nullable=False),
        sa.Column("attached_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["bodies.hash"], name=op.f("fk_attachments_hash")),
        sa.PrimaryKeyConstraint("reference", "hash", name=op.f("pk_attachments")),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=True),
        sa.Column("widens", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state <> 'signed off' OR decided_by <> proposed_by", name=op.f("ck_proposals_two_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_state_proposed_at"), "proposals", ["state", "proposed_at"], unique=False)
    op.create_table(
        "activities",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index(op.f("ix_activities_agreement"), "activities", ["agreement"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("id", NUMBER, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("movement", "direction", "flow", "subject")),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("partner", "agreement")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("clause", "type", "language")),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("movement", "subject", "flow", "type", "language", name=op.f("uq_ledger_movement_subject_flow_type_language")),
    )
    counted = ["agreement", "direction", "movement", "again", "at"]
    op.create_index(op.f("ix_ledger_agreement_direction_movement_again_at"), "ledger", counted, unique=False)
    op.create_table(
        "erasures",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_agreement_id"), "erasures", ["agreement", "id"], unique=False)
    op.create_index(op.f("ix_erasures_subject"), "erasures", ["subject"], unique=False)
    op.create_table(
        "derivations",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["stories.id"], name=op.f("fk_derivations_story")),
        sa.ForeignKeyConstraint(["source"], ["stories.id"], name=op.f("fk_derivations_source")),
        sa.PrimaryKeyConstraint("story", "source", name=op.f("pk_derivations")),
    )
    op.create_index(op.f("ix_derivations_source"), "derivations", ["source"], unique=False)
    op.create_table(
        "unasked",
        sa.Column("decision", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("decision", name=op.f("pk_unasked")),
    )
    op.execute("INSERT INTO unasked SELECT coalesce(max(id), 0) FROM decisions")
    op.create_table(
        "facts",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("flow", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_facts")),
    )


def _columns() -> None:
    for table in ("agreements", "acts"):
        op.add_column(table, sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        op.create_index(op.f(f"ix_{table}_revision"), table, ["revision"], unique=False)
    op.add_column("items", sa.Column("priority", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("items", sa.Column("erased_at", MOMENT, nullable=True))
    op.drop_index(op.f("ix_items_state_changed_at_id"), table_name="items")
    op.create_index(op.f("ix_items_state_priority_changed_at_id"), "items", ["state", "priority", "changed_at", "id"], unique=False)
    op.add_column("stories", sa.Column("erased_at", MOMENT, nullable=True))
    for table, of in (("item_versions", "item"), ("story_versions", "story")):
        op.add_column(table, sa.Column("to_delete", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.create_index(op.f(f"ix_{table}_to_delete_{of}_number"), table, ["to_delete", of, "number"], unique=False)
    op.create_index(op.f("ix_item_versions_raw"), "item_versions", ["raw"], unique=False)
    for name, kind in (
        ("facts", sa.String()),
        ("on", sa.String()),
        ("used", sa.Text()),
        ("register", sa.Integer()),
        ("inputs", sa.String()),
    ):
        op.add_column("decisions", sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_decisions_flow_id"), "decisions", ["flow", "id"], unique=False)


def _standings() -> None:
    """What stands on a flow says itself what it is, and from when it is seen: as the Publication does that it points to."""
    op.add_column("standings", sa.Column("kind", sa.String(), nullable=False, server_default=""))
    op.add_column("standings", sa.Column("visible_from", MOMENT, nullable=False, server_default="2000-01-01 00:00:00"))
    standings, placed = (
        sa.table(table, *(sa.column(name) for name in ("sequence", "kind", "visible_from"))) for table in ("standings", "publications")
    )
    said = {
        name: sa.select(placed.c[name]).where(placed.c.sequence == standings.c.sequence).scalar_subquery()
        for name in ("kind", "visible_from")
    }
    op.execute(sa.update(standings).values(said))
    op.drop_index(op.f("ix_standings_flow_sequence"), table_name="standings")
    seen = ["flow", "kind", "visible_from", "sequence"]
    op.create_index(op.f("ix_standings_flow_kind_visible_from_sequence"), "standings", seen, unique=False)


def _obligations() -> None:
    """What was a `count` said at least so many."""
    agreements = sa.table("agreements", *(sa.column(name) for name in ("reference", "version", "value")))
    connection = op.get_bind()
    for reference, version, text in connection.execute(sa.select(agreements.c.reference, agreements.c.version, agreements.c.value)).all():
        value = json.loads(text)
        for obligation in value["obligations"]:
            obligation["at_least"] = obligation.pop("count", None)
        mine = (agreements.c.reference == reference, agreements.c.version == version)
        connection.execute(sa.update(agreements).where(*mine).values(value=json.dumps(value, ensure_ascii=False)))


def _guards(table: str, dialect: str) -> Iterator[str]:
    """Triggers under which the table can only be added to, whoever asks."""
    said = f"{table} are only added to, never changed"
    if dialect == "sqlite":
        for act in ("UPDATE", "DELETE"):
            yield f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        return
    yield f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    yield f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_kept()"
