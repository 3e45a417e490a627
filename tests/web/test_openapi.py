"""The OpenAPI document, held to the door by schemathesis: each request that it makes up is answered as the document says."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask, Response, jsonify
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from syndication import access
from syndication.model.account import NewsroomToken
from syndication.settings import Settings
from syndication.storage import accounts
from syndication.storage.database import Database
from syndication.web.openapi import DOCUMENT
from tests.web.exchange import NOW, Exchange
from tests.web.served import served
from tests.web.test_headers import rules

# A document that is valid by the schema may still be no whole story (422), and a version that is named may not stand (412): neither can be
# said in a schema. Without If-Match it is 428 (RFC 6585), which schemathesis does not expect of a header.
ACCEPTED = ["2xx", "401", "403", "404", "409", "412", "422"]
MISSING = ["400", "401", "428"]


@pytest.fixture
def exchange(migrated_sqlite: Path, tmp_path: Path) -> Exchange:
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    return Exchange(Database(f"sqlite:///{tmp_path / 'desk.db'}"), Settings(data=str(tmp_path)))


def token(exchange: Exchange) -> str:
    plain, digest = access.new_token(access.NEWSROOM_PREFIX)
    with exchange.database.write() as tx:
        accounts.issue_newsroom(tx, NewsroomToken("n_1", "CMS", NOW), digest)
    return plain


def found(exchange: Exchange, app: Flask, token: str, examples: int, only: str | None = None) -> Iterator[str]:
    """All that schemathesis finds over HTTP, in every phase: examples, coverage of the schema, made-up requests, and one after another."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "phases": {"stateful": {"max-steps": 4}},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                "missing_required_header": {"expected-statuses": MISSING},
            },
        }
    )
    with served(app, exchange.settings) as base:
        schema: Any = schemathesis.openapi.from_url(f"{base}/api/openapi.json", config=config)
        for event in engine.from_schema(schema.include(path=only) if only else schema).execute():
            if isinstance(event, events.NonFatalError):
                yield f"{event.label}: {event.value}"
            elif isinstance(event, events.FatalError):
                yield str(event.exception)
            elif isinstance(event, events.ScenarioFinished):
                for checks in event.recorder.checks.values():
                    yield from (f"{event.recorder.label}: {one.name}: {one.failure_info.failure}" for one in checks if one.failure_info)


@pytest.mark.slow
def test_schemathesis_finds_nothing(exchange: Exchange) -> None:
    """Every check, with bodies and headers that are right and that are wrong; a thousand requests and more, none of which is a 500."""
    asked: list[int] = []
    app = exchange.app()
    app.after_request(_counted(asked))
    assert list(found(exchange, app, token(exchange), examples=4)) == []
    assert len(asked) > 500
    assert {201, 200, 400, 401, 404, 405, 409, 412, 422, 428} <= set(asked)


@pytest.mark.slow
def test_an_endpoint_that_lies_is_found(exchange: Exchange) -> None:
    """The control: one that answers what it likes, and one that lets everybody in."""
    app = exchange.app()
    app.view_functions["api.find"] = lambda: jsonify({"id": 1})
    said = "\n".join(found(exchange, app, token(exchange), examples=2, only="/api/stories"))
    for check in ("response_schema_conformance", "ignored_auth", "negative_data_rejection"):
        assert check in said


def _counted(asked: list[int]) -> Callable[[Response], Response]:
    def count(response: Response) -> Response:
        asked.append(response.status_code)
        return response

    return count


def test_every_address_of_the_door_is_in_the_document_and_back(exchange: Exchange) -> None:
    there = {
        (rule.rule.replace("<story>", "{story}"), method.lower())
        for rule in rules(exchange.app())
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"} == there


def test_the_document_needs_no_token_and_tells_no_secret(exchange: Exchange) -> None:
    answer = exchange.app().test_client().get("/api/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json()["openapi"] == "3.1.0"
    assert "AZERTAC" not in answer.text
