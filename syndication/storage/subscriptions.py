"""Subscriptions, what waits to be sent to each (the outbox of push), and what was asked of the hub and is not confirmed yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, exists, func, insert, literal, or_, select, update

from syndication.errors import ConflictError
from syndication.model.publication import Publication, PublicationKind
from syndication.model.subscription import Claim, Delivery, End, Intent, Means, Mode, Subscription, SubscriptionState
from syndication.storage.database import Transaction
from syndication.storage.schema import deliveries as delivery_table
from syndication.storage.schema import intents as intent_table
from syndication.storage.schema import publications, standings
from syndication.storage.schema import subscriptions as table

APART = timedelta(minutes=1)
"""At most one callback in so long is asked of a host of which that partner has not confirmed any yet (P10)."""
KEPT_INTENTS = timedelta(days=1)

_OURS = [str(one) for one in End if one.tells]


def start(tx: Transaction, new: Subscription) -> Subscription:
    """Keep a Subscription; one of the same flow, form, callback and means is replaced: its id, and what waits for it, stay."""
    same = and_(table.c.flow == new.flow, table.c.form == new.form, table.c.callback == new.callback, table.c.means == new.means)
    values = {
        "partner": new.partner,
        "token": new.token,
        "created_at": new.created_at,
        "lease_until": new.lease_until,
        "secret": new.secret,
        "old_secret": new.old_secret,
        "old_until": new.old_until,
        "state": new.state,
        "end": new.end,
        "failures": 0,
        "failing_since": None,
        "rest_until": None,
        "last_error": None,
    }
    if not tx.change(update(table).where(same).values(values)):
        fixed = {"id": new.id, "means": new.means, "flow": new.flow, "form": new.form, "callback": new.callback, "attempt": 0}
        tx.change(insert(table).values(**fixed, **values))
    row = tx.row(select(table).where(same))
    return _subscription(row) if row else new


def get(tx: Transaction, identity: str) -> Subscription | None:
    """The Subscription of that id, also one that has ended."""
    row = tx.row(select(table).where(table.c.id == identity))
    return _subscription(row) if row else None


def at(tx: Transaction, flow: str, form: str, callback: str, means: Means) -> Subscription | None:
    """The Subscription of that callback to that flow in that form."""
    same = (table.c.flow == flow, table.c.form == form, table.c.callback == callback, table.c.means == means)
    row = tx.row(select(table).where(*same))
    return _subscription(row) if row else None


def all(tx: Transaction, *, partner: str | None = None, flow: str | None = None) -> tuple[Subscription, ...]:
    """Every Subscription, of that partner or to that flow alone, those that have ended too; by flow, oldest first."""
    chosen = select(table).order_by(table.c.flow, table.c.created_at, table.c.id)
    if partner is not None:
        chosen = chosen.where(table.c.partner == partner)
    if flow is not None:
        chosen = chosen.where(table.c.flow == flow)
    return tuple(_subscription(row) for row in tx.rows(chosen))


def waiting(tx: Transaction) -> dict[str, int]:
    """How many deliveries wait for each Subscription that has any."""
    counted = select(delivery_table.c.subscription, func.count().label("waiting")).group_by(delivery_table.c.subscription)
    return {row.subscription: int(row.waiting) for row in tx.rows(counted)}


def enqueue(tx: Transaction, placed: Sequence[Publication], embargo_until: datetime | None = None) -> None:
    """Put what was just placed, of one version of one story, before every Subscription to its flow, due when it may be seen.

    In the transaction that placed it: what was published is sent, whatever happens in between (D03). One statement for all flows.
    One that is stale, or that we ended, gets withdrawals only. A story that was seen, and waits for `embargo_until` again, is one too
    until then.
    """
    if not placed:
        return
    withdrawn = publications.c.kind == PublicationKind.WITHDRAWAL
    if embargo_until is not None and embargo_until > placed[0].placed_at:
        seen = or_(standings.c.shown, standings.c.fetched_at.is_not(None))
        withdrawn = or_(withdrawn, and_(seen, publications.c.visible_from >= embargo_until))
    gets = or_(
        table.c.state == SubscriptionState.ACTIVE,
        and_(withdrawn, or_(table.c.state == SubscriptionState.STALE, table.c.end.in_(_OURS))),
    )
    # What was taken back waits for nothing, wherever it stands among the others.
    due = case((withdrawn, publications.c.placed_at), else_=publications.c.visible_from)
    chosen = (
        select(
            table.c.id,
            publications.c.sequence,
            publications.c.story,
            case((withdrawn, literal(str(PublicationKind.WITHDRAWAL))), else_=publications.c.kind),
            due,
            due,
            literal(0),
        )
        .join_from(publications, table, table.c.flow == publications.c.flow)
        .join(standings, and_(standings.c.flow == publications.c.flow, standings.c.story == publications.c.story))
        .where(publications.c.story == placed[0].story, publications.c.sequence >= min(one.sequence for one in placed), gets)
    )
    columns = ["subscription", "sequence", "story", "kind", "since", "due_at", "failures"]
    tx.change(insert(delivery_table).from_select(columns, chosen))


def claim(tx: Transaction, now: datetime, limit: int, lease_seconds: int, *, unsure: int) -> tuple[Claim, ...]:
    """Lease Subscriptions to which something is due, whoever was served longest ago first: each to one worker at a time (SKIP LOCKED).

    Those that failed last, and what the hub has to verify, are `unsure`: at most so many of them, so that callbacks that hang never hold
    every thread (X02).
    """
    until = now + timedelta(seconds=lease_seconds)
    due = exists().where(delivery_table.c.subscription == table.c.id, _due(now))
    free = _free(table.c.claimed_until, now, until)
    longest = func.coalesce(table.c.claimed_until, table.c.created_at)
    chosen = select(table.c.id, table.c.attempt).where(free, due).order_by(longest, table.c.id).with_for_update(of=table, skip_locked=True)
    rows = list(tx.rows(chosen.where(table.c.failures == 0).limit(limit)))
    unsure = min(unsure, limit - len(rows))
    rows += tx.rows(chosen.where(table.c.failures > 0).limit(unsure)) if unsure > 0 else ()
    claims = tuple(Claim(row.id, row.attempt + 1) for row in rows)
    for one in claims:
        tx.change(update(table).where(table.c.id == one.of).values(claimed_until=until, attempt=one.attempt))
    left = min(unsure, limit - len(claims))
    return (*claims, *(_claim_intents(tx, now, left, until) if left > 0 else ()))


def next_due(tx: Transaction, subscription: str, now: datetime, *, withdrawals_only: bool) -> Delivery | None:
    """What to send next: what was taken back first, then in the order in which it was placed."""
    first = (delivery_table.c.kind == PublicationKind.WITHDRAWAL).desc()
    chosen = (
        select(delivery_table)
        .join_from(delivery_table, table, table.c.id == delivery_table.c.subscription)
        .where(delivery_table.c.subscription == subscription, _due(now))
        .order_by(first, delivery_table.c.sequence)
        .limit(1)
    )
    if withdrawals_only:
        chosen = chosen.where(delivery_table.c.kind == PublicationKind.WITHDRAWAL)
    row = tx.row(chosen)
    return _delivery(row) if row else None


def delivered(tx: Transaction, delivery: Delivery, at: datetime) -> None:
    """It is there. What was placed of the same story before it is not sent any more: it would overtake backwards."""
    mine = and_(delivery_table.c.subscription == delivery.subscription, delivery_table.c.story == delivery.story)
    tx.change(delete(delivery_table).where(mine, delivery_table.c.sequence <= delivery.sequence))
    values = {"failures": 0, "failing_since": None, "rest_until": None, "last_success_at": at, "last_error": None}
    tx.change(update(table).where(table.c.id == delivery.subscription).values(values))


def due_again(tx: Transaction, delivery: Delivery, at: datetime) -> None:
    """What was told as taken back is due as a story at its hour, which was moved."""
    values = {"subscription": delivery.subscription, "sequence": delivery.sequence, "story": delivery.story}
    tx.change(insert(delivery_table).values(**values, kind=PublicationKind.STORY, since=at, due_at=at, failures=0))


def dropped(tx: Transaction, delivery: Delivery) -> None:
    """It is not to be sent any more."""
    tx.change(delete(delivery_table).where(_this(delivery)))


def put_off(tx: Transaction, delivery: Delivery, until: datetime) -> None:
    """Its hour has not come; nobody failed."""
    tx.change(update(delivery_table).where(_this(delivery)).values(due_at=until))


def refused(tx: Transaction, delivery: Delivery, until: datetime, error: str) -> None:
    """The callback answered, and did not want this one: the others go on."""
    tx.change(update(delivery_table).where(_this(delivery)).values(due_at=until, failures=delivery.failures + 1))
    tx.change(update(table).where(table.c.id == delivery.subscription).values(last_error=error))


def unreached(tx: Transaction, claim: Claim, delivery: Delivery, until: datetime, since: datetime, error: str) -> None:
    """Nobody took it, so that nothing else would arrive either: the whole Subscription rests `until` then. `since`: failing since.

    Raises ConflictError where the lease was lost meanwhile: whoever has it knows better.
    """
    values = {"failures": table.c.failures + 1, "failing_since": since, "rest_until": until, "last_error": error}
    _mine(tx, claim, values)
    tx.change(update(delivery_table).where(_this(delivery)).values(failures=delivery.failures + 1))


def rest(tx: Transaction, claim: Claim, until: datetime) -> None:
    """Let it alone until then, for a reason of ours. Raises ConflictError as `unreached` does."""
    _mine(tx, claim, {"rest_until": until})


def turn_stale(tx: Transaction, subscription: str) -> None:
    """Nothing has reached it for too long: its stories are dropped, withdrawals stay."""
    tx.change(update(table).where(table.c.id == subscription).values(state=SubscriptionState.STALE))
    tx.change(delete(delivery_table).where(delivery_table.c.subscription == subscription, _stories()))


def revive(tx: Transaction, identity: str) -> bool:
    """A stale one goes on from here; False where there is none."""
    stale = and_(table.c.id == identity, table.c.state == SubscriptionState.STALE)
    values = {"state": SubscriptionState.ACTIVE, "failures": 0, "failing_since": None, "rest_until": None}
    return bool(tx.change(update(table).where(stale).values(values)))


def end(tx: Transaction, identity: str, why: End) -> bool:
    """It has ended; False where it had before, by its partner's or our hand. Stories are not sent any more; see `End.tells`."""
    standing = or_(table.c.end.is_(None), table.c.end.in_(_OURS))
    values: dict[str, Any] = {"state": SubscriptionState.ENDED, "end": why}
    mine = delivery_table.c.subscription == identity
    if not why.tells:
        values |= {"secret": None, "old_secret": None, "old_until": None}
    if not tx.change(update(table).where(table.c.id == identity, standing).values(values)):
        return False
    tx.change(delete(delivery_table).where(mine, _stories()) if why.tells else delete(delivery_table).where(mine))
    return True


def rotate(tx: Transaction, identity: str, secret: str, old_until: datetime) -> bool:
    """Another secret for a webhook that stands; the one before signs too, until then."""
    standing = and_(table.c.id == identity, table.c.means == Means.WEBHOOK, table.c.end.is_(None))
    return bool(tx.change(update(table).where(standing).values(old_secret=table.c.secret, old_until=old_until, secret=secret)))


def let_go(tx: Transaction, claim: Claim, now: datetime) -> None:
    """The lease is given back; not where it was lost."""
    tx.change(update(table).where(table.c.id == claim.of, table.c.attempt == claim.attempt).values(claimed_until=now))


def hold_on(tx: Transaction, claim: Claim, until: datetime) -> None:
    """The lease is kept for longer. Raises ConflictError where it was lost."""
    _mine(tx, claim, {"claimed_until": until})


def ask(tx: Transaction, intent: Intent, *, known_host: bool) -> None:
    """Keep what is asked of the hub. Of a host that is not `known_host` one callback is asked at a time, however many ask for it (P10)."""
    tx.in_order()
    tx.change(delete(intent_table).where(intent_table.c.done_at < intent.asked_at - KEPT_INTENTS))
    last = tx.row(select(func.max(intent_table.c.due_at)).where(intent_table.c.host == intent.host))
    due = intent.asked_at if known_host or last is None or last[0] is None else max(intent.asked_at, last[0] + APART)
    values = {
        "id": intent.id,
        "mode": intent.mode,
        "partner": intent.partner,
        "token": intent.token,
        "topic": intent.topic,
        "flow": intent.flow,
        "form": intent.form,
        "callback": intent.callback,
        "host": intent.host,
        "lease_seconds": intent.lease_seconds,
        "secret": intent.secret,
        "asked_at": intent.asked_at,
        "due_at": due,
        "attempt": 0,
    }
    tx.change(insert(intent_table).values(values))


def unconfirmed(tx: Transaction, partner: str) -> int:
    """How many of a partner's requests wait to be verified."""
    row = tx.row(select(func.count()).where(intent_table.c.partner == partner, intent_table.c.done_at.is_(None)))
    return int(row[0]) if row else 0


def intent(tx: Transaction, identity: str) -> Intent | None:
    """What was asked, if it is not done yet."""
    row = tx.row(select(intent_table).where(intent_table.c.id == identity, intent_table.c.done_at.is_(None)))
    if row is None:
        return None
    return Intent(
        row.id,
        Mode(row.mode),
        row.partner,
        row.token,
        row.topic,
        row.flow,
        row.form,
        row.callback,
        row.host,
        row.lease_seconds,
        row.secret,
        row.asked_at,
    )


def settle(tx: Transaction, claim: Claim, now: datetime, outcome: str) -> None:
    """The callback was asked. Raises ConflictError where the lease was lost, so that nothing comes of it twice."""
    mine = and_(intent_table.c.id == claim.of, intent_table.c.attempt == claim.attempt, intent_table.c.done_at.is_(None))
    if not tx.change(update(intent_table).where(mine).values(done_at=now, outcome=outcome, secret=None)):
        raise ConflictError("the lease on a verification was lost: another worker does it; nothing comes of this one")


def _free(claimed_until: ColumnElement[Any], now: datetime, until: datetime) -> ColumnElement[bool]:
    """No claim reaches further than one that is made now: what does was made before the clock was set back, and holds nothing up."""
    return or_(claimed_until.is_(None), claimed_until <= now, claimed_until > until)


def _claim_intents(tx: Transaction, now: datetime, limit: int, until: datetime) -> tuple[Claim, ...]:
    free = _free(intent_table.c.claimed_until, now, until)
    due: Select[Any] = select(intent_table.c.id, intent_table.c.attempt).where(
        intent_table.c.done_at.is_(None), intent_table.c.due_at <= now, free
    )
    rows = tx.rows(due.order_by(intent_table.c.due_at, intent_table.c.id).limit(limit).with_for_update(skip_locked=True))
    claims = tuple(Claim(row.id, row.attempt + 1, verifies=True) for row in rows)
    for one in claims:
        tx.change(update(intent_table).where(intent_table.c.id == one.of).values(claimed_until=until, attempt=one.attempt))
    return claims


def _mine(tx: Transaction, claim: Claim, values: dict[str, Any]) -> None:
    if not tx.change(update(table).where(table.c.id == claim.of, table.c.attempt == claim.attempt).values(values)):
        raise ConflictError("the lease on a subscription was lost: another worker sends to it")


def _due(now: datetime) -> ColumnElement[bool]:
    """Due, and not resting: but what was just taken back waits for no rest (P13)."""
    urgent = and_(delivery_table.c.kind == PublicationKind.WITHDRAWAL, delivery_table.c.failures == 0)
    return and_(delivery_table.c.due_at <= now, or_(table.c.rest_until.is_(None), table.c.rest_until <= now, urgent))


def _stories() -> ColumnElement[bool]:
    return delivery_table.c.kind == PublicationKind.STORY


def _this(delivery: Delivery) -> ColumnElement[bool]:
    return and_(delivery_table.c.subscription == delivery.subscription, delivery_table.c.sequence == delivery.sequence)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        means=Means(row.means),
        partner=row.partner,
        flow=row.flow,
        form=row.form,
        callback=row.callback,
        token=row.token,
        created_at=row.created_at,
        lease_until=row.lease_until,
        secret=row.secret,
        old_secret=row.old_secret,
        old_until=row.old_until,
        state=SubscriptionState(row.state),
        end=End(row.end) if row.end else None,
        failures=row.failures,
        failing_since=row.failing_since,
        rest_until=row.rest_until,
        last_success_at=row.last_success_at,
        last_error=row.last_error,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.subscription, row.sequence, row.story, PublicationKind(row.kind), row.since, row.due_at, row.failures)
