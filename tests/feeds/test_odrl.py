"""Policies: valid by the rules of ODRL and RightsML, the same as the terms they are made of, and the same bytes each time."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.feeds import odrl
from syndication.model.agreement import Agreement, Alteration, CreditPlace, Grant, OnwardUse
from syndication.model.partner import Direction
from syndication.model.rights import Bounds, Credit, Rights
from tests.feeds.documents import DOCUMENT, FULL, NOON, PLAIN, hostile_entries
from tests.feeds.odrl_rules import ACTIONS, Asked, faults, may
from tests.worlds import agreement, grant, terms

AUTHORITY = "tag:vna.example,2025"
GOLDEN = Path(__file__).parents[2] / "fixtures" / "policies"
SUBSCRIBERS = "syn:ownSubscribers"


def read(policy: Any) -> Any:
    """The policy as a reader of JSON sees it."""
    return json.loads(odrl.written(policy))


def of(agreed: Agreement) -> list[Any]:
    """What the agreement exports."""
    return [read(one) for one in odrl.of_agreement(agreed, "vna", AUTHORITY, alone(agreed))]


def alone(agreed: Agreement, **changes: Any) -> dict[str, Bounds]:
    """In force without end, with nothing beside it."""
    return {party: replace(Bounds(((NOON, None),)), **changes) for party in agreed.parties if party != "vna"}


def with_terms(**changes: Any) -> Any:
    """The policy of an outbound grant with these terms."""
    (policy,) = of(agreement(grants=(grant(direction=Direction.OUTBOUND, terms=terms(**changes)),)))
    return policy


SAYS_ALL = agreement(
    grants=(
        grant(
            topics=("medtop:15000000", "trc:экономика"),
            topics_out=("medtop:17000000",),
            terms=terms(
                onward=OnwardUse.NAMED_PARTNERS,
                onward_partners=("azertac",),
                alteration=Alteration.TRANSLATE,
                credit_line="{partner}/{author}",
                credit_place=CreditPlace.START,
                use_days=30,
                territory=("VN", "KZ"),
                not_territory=("RU",),
                delete_at_end=True,
                machine_translation=True,
            ),
        ),
        grant(clause="2.2", direction=Direction.OUTBOUND, terms=terms(archive=True, onward=OnwardUse.ANYONE, model_training=True)),
    )
)


def test_golden() -> None:
    assert odrl.written(odrl.of_agreement(SAYS_ALL, "vna", AUTHORITY, alone(SAYS_ALL)), indent=1) + "\n" == (
        GOLDEN / "grants.json"
    ).read_text("utf-8")
    assert odrl.written([odrl.of_entry(DOCUMENT, one) for one in (FULL, PLAIN)], indent=1) + "\n" == (GOLDEN / "stories.json").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("policy", [*of(SAYS_ALL), read(odrl.of_entry(DOCUMENT, FULL)), read(odrl.of_entry(DOCUMENT, PLAIN))])
def test_what_odrl_requires_is_there(policy: Any) -> None:
    assert faults(policy) == []


def without(*path: str) -> Any:
    """The policy without what stands there."""
    policy = of(SAYS_ALL)[0]
    part = policy
    for key in path[:-1]:
        part = part[int(key)] if isinstance(part, list) else part[key]
    del part[path[-1]]
    return policy


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(without("uid"), id="no uid"),
        pytest.param(without("assignee"), id="an agreement with one party"),
        pytest.param(without("target"), id="no target"),
        pytest.param(without("profile"), id="words of a profile without it"),
        pytest.param(without("permission", "0", "action"), id="no action"),
        pytest.param(without("permission", "0", "constraint", "0", "rightOperand"), id="half a constraint"),
        pytest.param({**with_terms(), "permission": [{"action": "translateByHand"}]}, id="an action that there is not"),
        pytest.param({**with_terms(), "permission": [], "prohibition": []}, id="no rule"),
        pytest.param({**with_terms(), "target": {"@type": "AssetCollection", "uid": "tag:a,2025:b"}}, id="a collection with a uid"),
        pytest.param({**with_terms(), "territory": "VN"}, id="a key that there is not"),
        pytest.param(
            {
                **with_terms(),
                "permission": [{"action": "use", "constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "VN"}]}],
            },
            id="a country without its IRI",
        ),
        pytest.param({**with_terms(), "obligation": [{"action": "delete", "duty": []}]}, id="a duty within an obligation"),
    ],
)
def test_control_the_rules_find_what_is_wrong(policy: Any) -> None:
    assert faults(policy)


def test_who_gives_and_who_takes() -> None:
    coming, going = of(SAYS_ALL)
    assert (coming["assigner"], coming["assignee"]) == (f"{AUTHORITY}:party:trc", f"{AUTHORITY}:party:vna")
    assert (going["assigner"], going["assignee"]) == (f"{AUTHORITY}:party:vna", f"{AUTHORITY}:party:trc")


def test_a_frame_is_a_policy_for_each_other_party() -> None:
    policies = of(agreement(parties=("vna", "trc", "azertac"), grants=(grant(),)))
    assert [one["assigner"].rpartition(":")[2] for one in policies] == ["trc", "azertac"]
    assert len({one["uid"] for one in policies}) == 2


def test_what_is_not_signed_is_an_offer() -> None:
    assert {one["@type"] for one in of(replace(SAYS_ALL, signed_on=None))} == {"Offer"}
    assert {one["@type"] for one in of(SAYS_ALL)} == {"Agreement"}


@pytest.mark.parametrize("empty", [grant(types=()), grant(languages=()), grant(topics=())], ids=["types", "languages", "subjects"])
def test_an_empty_list_grants_nothing(empty: Grant) -> None:
    (policy,) = of(agreement(grants=(empty,)))
    assert faults(policy) == []
    assert not any(may(policy, Asked(action, NOON)) for action in ACTIONS)


def test_the_window_of_a_grant_is_counted_from_the_receipt() -> None:
    policy = with_terms(use_days=30, delete_at_end=True)
    assert may(policy, Asked("print", NOON, since=timedelta(days=30) - timedelta(seconds=1)))
    assert not may(policy, Asked("print", NOON, since=timedelta(days=30)))
    assert policy["obligation"] == [
        {
            "action": "delete",
            "constraint": [
                {"leftOperand": "syn:timeSinceReceipt", "operator": "gteq", "rightOperand": {"@type": "xsd:duration", "@value": "P30D"}}
            ],
        }
    ]


rights = st.builds(
    Rights,
    onward=st.sampled_from(OnwardUse),
    alteration=st.sampled_from(Alteration),
    onward_partners=st.sets(st.sampled_from(["azertac", "bta", "kpl"])).map(sorted).map(tuple),
    territory=st.none() | st.sets(st.sampled_from(["VN", "KZ", "RU"])).map(sorted).map(tuple),
    not_territory=st.sets(st.sampled_from(["VN", "AZ"])).map(sorted).map(tuple),
    use_until=st.none() | st.just(NOON + timedelta(days=2)),
    archive=st.booleans(),
    delete_at_end=st.booleans(),
    machine_translation=st.booleans(),
    model_training=st.booleans(),
)
PARTNER = {name: f"{AUTHORITY}:party:{name}" for name in ("azertac", "bta")}


def allowed(own: Rights, embargo: Any, asked: Asked) -> bool:
    """The same question, asked of the rights themselves."""
    if embargo is not None and asked.at < embargo:
        return False
    if own.use_until is not None and asked.at >= own.use_until:
        return False
    if (own.territory is not None and asked.country not in own.territory) or asked.country in own.not_territory:
        return False
    if asked.ended and not own.archive:
        return False
    free = own.alteration is Alteration.FREE
    translate = free or own.alteration is Alteration.TRANSLATE
    subscribers = SUBSCRIBERS in asked.to
    named = any(PARTNER[name] in asked.to for name in own.onward_partners if name in PARTNER)
    return {
        "print": True,
        "reproduce": True,
        "archive": own.archive,
        "extract": own.alteration is not Alteration.NONE,
        "translate": translate,
        "syn:translateByMachine": translate and own.machine_translation,
        "modify": free,
        "derive": free,
        "sell": False,
        "tdm:mine": own.model_training and asked.purpose == "syn:modelTraining",
        "distribute": {
            OnwardUse.OWN_USE: False,
            OnwardUse.OWN_SUBSCRIBERS: subscribers,
            OnwardUse.NAMED_PARTNERS: subscribers or named,
            OnwardUse.ANYONE: True,
        }[own.onward],
    }[asked.action]


QUESTIONS = (
    "print",
    "reproduce",
    "archive",
    "extract",
    "translate",
    "syn:translateByMachine",
    "modify",
    "derive",
    "sell",
    "tdm:mine",
    "distribute",
)
questions = st.builds(
    Asked,
    action=st.sampled_from(QUESTIONS),
    at=st.sampled_from([NOON + timedelta(days=day) for day in range(4)]),
    country=st.sampled_from(["VN", "KZ", "AZ"]),
    to=st.sampled_from([(), (SUBSCRIBERS,), (PARTNER["azertac"],), (PARTNER["bta"],)]),
    ended=st.booleans(),
    purpose=st.sampled_from(["syn:modelTraining", "syn:other"]),
)


@given(rights, st.none() | st.just(NOON + timedelta(days=1)), questions)
@settings(deadline=None, max_examples=400)
def test_the_policy_allows_what_the_rights_allow_and_nothing_else(own: Rights, embargo: Any, asked: Asked) -> None:
    content = replace(FULL.version.content, embargo_until=embargo)
    policy = read(odrl.of_entry(DOCUMENT, replace(FULL, rights=own, version=replace(FULL.version, content=content))))
    assert faults(policy) == []
    assert may(policy, asked) == allowed(own, embargo, asked)


def test_the_credit_line_is_a_duty_wherever_it_is_shown() -> None:
    entry = replace(FULL, credits=(Credit("TRC", CreditPlace.START), Credit("VNA", CreditPlace.END)))
    policy = read(odrl.of_entry(DOCUMENT, entry))
    for permission in policy["permission"]:
        said = [{one["leftOperand"]: one["rightOperand"] for one in duty["action"][0]["refinement"]} for duty in permission["duty"]]
        assert said == [
            {"syn:creditLine": "TRC", "syn:creditPlace": {"@id": "syn:start"}},
            {"syn:creditLine": "VNA", "syn:creditPlace": {"@id": "syn:end"}},
        ]


@given(hostile_entries)
@settings(deadline=None, max_examples=100)
def test_whatever_the_words_it_is_a_valid_policy_and_always_the_same(entry: Any) -> None:
    named = replace(entry, entry_id=FULL.entry_id)
    assert odrl.written(odrl.of_entry(DOCUMENT, named)) == odrl.written(odrl.of_entry(DOCUMENT, named))
    assert faults(read(odrl.of_entry(DOCUMENT, named))) == []
