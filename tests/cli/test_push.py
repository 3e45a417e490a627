"""Webhooks at the command line: the secret is shown once, mistakes are told, and the list shows no more than the host."""

import pytest

from tests.cli.shell import Shell

URL = "https://desk.azertac.example/push/4711"


def made(shell: Shell, *more: str) -> tuple[str, str]:
    """The secret and the id of a webhook to AZERTAC, which has a token."""
    shell.run("token", "issue", "azertac", "--label", "push")
    result = shell.run("push", "add", "azertac", "vna-azertac", URL, *more)
    return result.stdout.strip(), result.stderr.split("Its id: ")[1].split(".")[0]


def test_a_webhook_is_added_listed_rotated_and_removed(shell: Shell) -> None:
    secret, identity = made(shell)
    assert secret.startswith("whsec_")
    (row,) = shell.json("push", "ls")
    assert (row["id"], row["means"], row["flow"], row["host"], row["state"]) == (
        identity,
        "webhook",
        "vna-azertac",
        "desk.azertac.example",
        "active",
    )
    listed = shell.run("push", "ls", "vna-azertac").stdout
    assert "4711" not in listed
    assert secret not in listed
    rotated = shell.run("push", "rotate", identity)
    assert rotated.stdout.startswith("whsec_")
    assert rotated.stdout.strip() != secret
    assert "24 hours" in rotated.stderr
    shell.run("push", "rm", identity)
    assert shell.json("push", "ls")[0]["state"] == "ended: removed"
    assert shell.json("push", "ls", "vna-trc") == []
    for verb in ("rm", "rotate", "revive"):
        assert "syndication push ls" in shell.run("push", verb, identity, exit_code=3).stderr


def test_the_secret_is_in_no_file(shell: Shell) -> None:
    secret, _ = made(shell)
    for path in shell.data.iterdir():
        assert secret.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        pytest.param(("azertac", "vna-azertak", URL), 3, "did you mean 'vna-azertac'", id="a mistyped flow"),
        pytest.param(("azertac", "vna-trc", URL), 3, "azertac has no flow vna-trc", id="another partner's flow"),
        pytest.param(("azertac", "azertac-en", URL), 3, "that goes out", id="a flow that comes in"),
        pytest.param(("azertac", "vna-azertac", "ftp://desk.azertac.example/"), 1, "nothing can be sent", id="no http"),
        pytest.param(("azertac", "vna-azertac", "https://desk.azertac.example:22/"), 1, "port 22", id="a port"),
        pytest.param(("azertac", "vna-azertac", URL, "--token", "t_none"), 1, "token issue azertac", id="no such token"),
        pytest.param(("azertac", "vna-azertac", URL, "--form", "atom"), 2, "ninjs", id="a form that is no list of items"),
    ],
)
def test_what_is_wrong_is_told(shell: Shell, arguments: tuple[str, ...], exit_code: int, said: str) -> None:
    shell.run("token", "issue", "azertac")
    assert said in shell.run("push", "add", *arguments, exit_code=exit_code).stderr


def test_without_a_token_there_is_none(shell: Shell) -> None:
    """A06: it ends with the token it was made with; so it needs one."""
    assert "no token of azertac" in shell.run("push", "add", "azertac", "vna-azertac", URL, exit_code=1).stderr


def test_the_same_twice_is_told(shell: Shell) -> None:
    made(shell)
    assert "push rotate" in shell.run("push", "add", "azertac", "vna-azertac", URL, exit_code=1).stderr


def test_plain_http_is_warned_of(shell: Shell) -> None:
    shell.run("token", "issue", "azertac")
    assert "can be read on its way" in shell.run("push", "add", "azertac", "vna-azertac", "http://desk.azertac.example/").stderr
