"""What bad input gets: refused whole, all faults at once, each with its file and key; by the same command an operator types."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syndication.agreements.files import read
from syndication.errors import ConfigError
from tests.cli.shell import Shell

PARTNER = 'id = "{0}"\nname = "{0}"\ncountry = "KZ"\n'
FLOW = '[[flows]]\nid = "{}"\ndirection = "out"\nagreement = "{}"\ntitle = "x"\nlanguages = ["en"]\n'
AGREEMENT = 'reference = "{}"\ntitle = "x"\nparties = ["vna", "{}"]\nsigned_on = 2020-01-01\n{}\n[term]\neffective = {}\n{}\n'
GRANT = '[[grants]]\nclause = "1"\ndirection = "in"\ntypes = ["text"]\nlanguages = ["en"]\ntopics = ["*"]\nalteration = "none"\n'


def agreement(reference: str, partner: str = "trc", more: str = "", effective: str = "2020-01-01", term: str = "") -> str:
    return AGREEMENT.format(reference, partner, more, effective, term)


def succeeding(reference: str, before: str, effective: str) -> str:
    return agreement(reference, more=f'succeeds = "{before}"', effective=effective)


GOOD = {
    "partners/trc.toml": PARTNER.format("trc") + FLOW.format("to-trc", "plain"),
    "partners/azertac.toml": PARTNER.format("azertac"),
    "agreements/plain.toml": agreement("plain"),
}
BAD = {
    "overlapping successors": (
        {
            "agreements/over-a.toml": succeeding("over-a", "plain", "2021-01-01"),
            "agreements/over-b.toml": succeeding("over-b", "plain", "2021-06-01"),
        },
        [("agreements/over-b.toml", "succeeds", "successors must not overlap")],
    ),
    "a term that ends before it begins": (
        {"agreements/ends.toml": agreement("ends", term="until = 2019-12-31")},
        [("agreements/ends.toml", "term.until", "the term ends on 2019-12-31, before it begins on 2020-01-01")],
    ),
    "a grant for who is none": (
        {"agreements/grant.toml": agreement("grant") + GRANT + 'onward_use = "named-partners"\nonward_partners = ["azertak"]\n'},
        [("agreements/grant.toml", "grants[0].onward_partners[0]", "there is no partner 'azertak'; did you mean 'azertac'?")],
    ),
    "a party that is none": (
        {"agreements/party.toml": agreement("party", "trk")},
        [("agreements/party.toml", "parties[1]", "there is no partner 'trk'; did you mean 'trc'?")],
    ),
    "a flow under an agreement without its partner": (
        {"partners/kpl.toml": PARTNER.format("kpl") + FLOW.format("to-kpl", "plain")},
        [("partners/kpl.toml", "flows[0].agreement", "'plain' does not name the partner 'kpl'")],
    ),
    "a flow under an agreement that is none": (
        {"partners/bta.toml": PARTNER.format("bta") + FLOW.format("to-bta", "plaim")},
        [("partners/bta.toml", "flows[0].agreement", "there is no agreement 'plaim'; did you mean 'plain'?")],
    ),
    "an unknown term": (
        {"agreements/term.toml": agreement("term") + GRANT + 'onward_use = "anyone"\nembargos = "withheld"\n'},
        [("agreements/term.toml", "grants[0].embargos", "is no key here; did you mean 'embargo'?")],
    ),
    "a term of a later version": (
        {"agreements/later.toml": agreement("later") + GRANT + 'onward_use = "anyone"\nblockchain = "sealed"\n'},
        [("agreements/later.toml", "grants[0].blockchain", "is no key here")],
    ),
    "a value of a later version": (
        {"agreements/value.toml": agreement("value") + GRANT + 'onward_use = "own-archive"\n'},
        [("agreements/value.toml", "grants[0].onward_use", '"own-archive" is none of own-use')],
    ),
    "a zone that does not exist": (
        {"agreements/zone.toml": agreement("zone", term='zone = "Asia/Hanoi"')},
        [("agreements/zone.toml", "term.zone", "is no time zone of the IANA database")],
    ),
    "two files with one reference": (
        {"agreements/same.toml": agreement("plain", effective="2020-02-01")},
        [("agreements/same.toml", "reference", "there is an agreement 'plain' already, in")],
    ),
    "a circle of successors": (
        {
            "agreements/x-1.toml": succeeding("x-1", "x-2", "2021-01-01"),
            "agreements/x-2.toml": succeeding("x-2", "x-3", "2022-01-01"),
            "agreements/x-3.toml": succeeding("x-3", "x-1", "2023-01-01"),
        },
        [(f"agreements/x-{number}.toml", "succeeds", "is a circle: ") for number in (1, 2, 3)],
    ),
    "a successor of none": (
        {"agreements/none.toml": succeeding("none", "plian", "2021-01-01")},
        [("agreements/none.toml", "succeeds", "there is no agreement 'plian'; did you mean 'plain'?")],
    ),
    "no TOML": ({"agreements/no.toml": "title = ["}, [("agreements/no.toml", "", "is no TOML")]),
}


def written(folder: Path, *of: dict[str, str]) -> Path:
    for name, text in ((name, text) for files in (GOOD, *of) for name, text in files.items()):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> Iterator[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as refused:
        read(folder, "vna")
    for fault in refused.value.faults:
        yield str(Path(fault.file).relative_to(folder)), fault.key, fault.message


def same(found: tuple[str, str, str], expected: tuple[str, str, str]) -> bool:
    return found[:2] == expected[:2] and expected[2] in found[2]


@pytest.mark.parametrize("name", BAD)
def test_each_is_told_once_with_its_file_and_its_key(name: str, tmp_path: Path) -> None:
    files, expected = BAD[name]
    found = list(told(written(tmp_path, files)))
    assert len(found) == len(expected), found
    assert all(any(same(one, other) for one in found) for other in expected), found


def test_all_of_it_at_once_and_nothing_is_taken(tmp_path: Path) -> None:
    """One run tells everything; a good file beside them is not taken either."""
    folder = written(tmp_path, *(files for files, _ in BAD.values()))
    expected = [one for _, faults in BAD.values() for one in faults]
    found = list(told(folder))
    assert len(found) == len(expected), found
    assert [other for other in expected if not any(same(one, other) for one in found)] == []
    shell = Shell(folder, tmp_path / "data")
    said = shell.run("apply", exit_code=1).stderr
    assert all(f"{folder / file}: {key}" in said for file, key, _ in expected)
    assert said == shell.run("apply", "--plan", exit_code=1).stderr
    assert shell.json("agreement", "ls") == shell.json("flow", "ls") == []


def test_the_good_files_alone_are_taken(tmp_path: Path) -> None:
    """The positive control: it is the faults that are refused."""
    assert "new agreement plain v1" in Shell(written(tmp_path), tmp_path / "data").run("apply").stdout
