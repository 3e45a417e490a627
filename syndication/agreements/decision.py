"""A Clearance as it is kept: what, to or from whom, when, under which clause, allowed or not, and why."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from syndication.model.clearance import Clearance
from syndication.model.event import Decision
from syndication.model.partner import Flow
from syndication.model.story import Content, Pubstatus


def fingerprint(content: Content, pubstatus: Pubstatus) -> str:
    """SHA-256, in hex, of what is read: two versions with the same fingerprint say the same."""
    said = json.dumps([asdict(content), pubstatus], default=str, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def decision(
    clearance: Clearance, flow: Flow, content: Content, pubstatus: Pubstatus, *, subject: str, version: int, at: datetime
) -> Decision:
    """What `clear` answered about this content on this flow, to be stored. `subject`: an item's or story's id, or the guid of an entry."""
    stamp = clearance.stamp
    return Decision(
        at=at,
        subject=subject,
        subject_version=version,
        headline=content.headline,
        fingerprint=fingerprint(content, pubstatus),
        flow=flow.id,
        partner=flow.partner,
        direction=flow.direction,
        agreement=stamp.agreement if stamp else None,
        agreement_version=stamp.version if stamp else None,
        clause=stamp.clause if stamp else None,
        allowed=clearance.allowed,
        verdicts=clearance.verdicts,
    )
