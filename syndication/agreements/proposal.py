"""A change to an agreement from the desk: judged, then taken at once or, where it widens rights, proposed to a second person."""

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff

from syndication.agreements import register, widening, writing
from syndication.agreements.files import Files, read_text
from syndication.errors import ConflictError, NotFoundError, RefusedError
from syndication.identity import new_id
from syndication.model.agreement import Act, Dossier, Register
from syndication.model.event import Event
from syndication.model.proposal import Proposal, ProposalState
from syndication.storage import agreements, events, partners, proposals
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Judged:
    """What a change would do. `changes`: in words; `widens`: what needs a second person; `before` and `after`: the register.

    `difference`: what changes in the agreement's file, line by line, marked `+`, `-` or a space; `@` stands where lines are left out.
    """

    reference: str
    changes: tuple[str, ...]
    widens: tuple[str, ...]
    before: Register
    after: Register
    difference: tuple[str, ...]
    files: Files | None = None
    act: Act | None = None


def judge_text(tx: Transaction, text: str, agency: str) -> Judged:
    """What an agreement, written as its file, would change in the register as it stands. Raises ConfigError with every fault."""
    before = agreements.register(tx, agency)
    known, flows = partners.all(tx), partners.flows(tx)
    told = [writing.partner(one, [flow for flow in flows if flow.partner == one.id]) for one in known]
    read = read_text(text, agency, told, [writing.agreement(dossier) for dossier in before.dossiers])
    files = replace(read, partners=known, flows=flows)
    changes = register.plan(tx, files)
    (stated,) = files.agreements
    stood = before.dossier(stated.reference)
    after = _with(stated, stood)
    version = stated.versions[-1]
    behind = any(recorded.what == version for recorded in agreements.history(tx, stated.reference))
    widens = () if behind else widening.of_version(version, stood, before, flows)
    acts = (
        [one for act in register.new_acts(stated.acts, stood.acts) for one in widening.of_act(act, after, before, flows)] if stood else []
    )
    return Judged(
        stated.reference,
        tuple(str(change) for change in changes),
        tuple(dict.fromkeys((*widens, *acts))),
        before,
        _replaced(before, after),
        _difference(stood, after),
        files=files,
    )


def judge_act(tx: Transaction, reference: str, act: Act, agency: str) -> Judged:
    """What an act would change. Raises NotFoundError, and ConfigError where it cannot be done, with every fault by its key."""
    before = agreements.register(tx, agency)
    stood = register.found(before, reference)
    after = replace(stood, acts=(*stood.acts, act))
    register.check_act(stood, act, frozenset(partner.id for partner in partners.all(tx)))
    said = register.done(reference, act)
    widens = widening.of_act(act, stood, before, partners.flows(tx))
    return Judged(reference, (said,), widens, before, _replaced(before, after), _difference(stood, after), act=act)


def take(tx: Transaction, judged: Judged, text: str, now: datetime, by: str) -> Proposal | None:
    """Record the change; or, where it widens anything, keep it as a proposal, and return that. `by`: the login of a manager.

    Raises ConflictError where the register is not the one by which it was judged.
    """
    agreements.unchanged_since(tx, judged.before.revision)
    if not judged.widens:
        _apply(tx, judged, now, by)
        return None
    proposal = Proposal(new_id("p"), judged.reference, text if judged.files else "", judged.act, judged.widens, ProposalState.OPEN, now, by)
    proposals.propose(tx, proposal)
    events.record_event(tx, Event(now, by, "proposed", judged.reference, "; ".join(judged.changes)))
    return proposal


def judge(tx: Transaction, proposal: Proposal, agency: str) -> Judged:
    """A proposal, judged again by the register as it stands. Raises ConfigError with why it cannot be taken any more."""
    if proposal.act is not None:
        return judge_act(tx, proposal.reference, proposal.act, agency)
    return judge_text(tx, proposal.text, agency)


def sign_off(tx: Transaction, identity: str, seen: int, agency: str, now: datetime, by: str) -> Proposal:
    """Take what another person has proposed. `seen`: the revision of the register that this person was shown it with.

    Raises RefusedError for whoever proposed it; ConflictError where the register changed meanwhile, or somebody decided; ConfigError,
    with every fault, where it does not fit the register any more.
    """
    found = _open(tx, identity)
    # Logins of before may differ in nothing but case.
    if found.proposed_by.casefold() == by.casefold():
        raise RefusedError("you have proposed this: what widens rights is signed off by another manager")
    judged = judge(tx, found, agency)
    agreements.unchanged_since(tx, seen)
    proposals.decide(tx, identity, ProposalState.SIGNED_OFF, now, by)
    _apply(tx, judged, now, f"{found.proposed_by}, signed off by {by}")
    events.record_event(tx, Event(now, by, "signed off", found.reference, f"proposed by {found.proposed_by}: {'; '.join(judged.changes)}"))
    return found


def turn_down(tx: Transaction, identity: str, reason: str, now: datetime, by: str) -> ProposalState:
    """Close a proposal without taking it; whoever proposed it takes it back so. Raises ConflictError where somebody decided already."""
    found = _open(tx, identity)
    state = ProposalState.TAKEN_BACK if found.proposed_by == by else ProposalState.TURNED_DOWN
    proposals.decide(tx, identity, state, now, by, reason)
    events.record_event(tx, Event(now, by, str(state), found.reference, f"proposed by {found.proposed_by}: {reason}"))
    return state


def _open(tx: Transaction, identity: str) -> Proposal:
    found = proposals.get(tx, identity)
    if found is None:
        raise NotFoundError(f"there is no proposal {identity}")
    if found.state is not ProposalState.OPEN:
        raise ConflictError(f"meanwhile this proposal was {found.state} by {found.decided_by}")
    return found


def _apply(tx: Transaction, judged: Judged, now: datetime, by: str) -> None:
    if judged.files is not None:
        register.apply(tx, judged.files, now, by)
    elif judged.act is not None:
        agreements.record_act(tx, judged.reference, judged.act, now, by)
        events.record_event(tx, Event(now, by, "applied", judged.reference, *judged.changes))


def _with(stated: Dossier, stood: Dossier | None) -> Dossier:
    """The dossier once this is taken."""
    if stood is None:
        return stated
    version = stated.versions[-1]
    kept = tuple(one for one in stood.versions if one.version != version.version)
    # A text that is behind states an earlier version as it was recorded: what stands, stands.
    versions = stood.versions if version.version < stood.versions[-1].version else (*kept, version)
    return Dossier(versions, (*stood.acts, *register.new_acts(stated.acts, stood.acts)))


def _replaced(before: Register, dossier: Dossier) -> Register:
    others = tuple(one for one in before.dossiers if one.reference != dossier.reference)
    return replace(before, dossiers=tuple(sorted((*others, dossier), key=lambda one: one.reference)))


def _difference(stood: Dossier | None, after: Dossier) -> tuple[str, ...]:
    old, new = (writing.toml(writing.agreement(one)).splitlines() if one else [] for one in (stood, after))
    return tuple(unified_diff(old, new, lineterm=""))[3:]
