"""`make mutate`: every mutant of the rules is killed by a test, or stands in `mutants.toml` with the reason why it changes nothing.

`python -m tests.mutants [MODULE...]`, of `agreements.quota` and the like; none: all that `[tool.mutmut]` in pyproject.toml names.
"""

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

EXPLAINED = Path(__file__).with_name("mutants.toml")
MUTMUT = (sys.executable, "-m", "mutmut")
KILLED = ("killed", "timeout", "caught by type check")


def outcomes(told: str) -> dict[str, str]:
    """`mutmut results --all true`, as mutant -> what became of it."""
    pairs = (line.strip().rsplit(": ", 1) for line in told.splitlines() if "__mutmut_" in line)
    return {pair[0].removeprefix("syndication."): pair[1] for pair in pairs if len(pair) == 2}


def faults(found: Mapping[str, str], explained: Mapping[str, str]) -> list[str]:
    """What is wrong: a survivor that nobody explains, an explanation of what is killed, or of no mutant that there is."""
    survived = {name for name, outcome in found.items() if outcome not in KILLED}
    wrong = [f"{name}: {found[name]}, and no reason in {EXPLAINED.name}" for name in sorted(survived - explained.keys())]
    wrong += [f"{name}: explained as equivalent, and killed" for name in sorted(explained) if found.get(name) in KILLED]
    asked = {_module(name) for name in found}
    gone = (name for name in sorted(explained) if name not in found and _module(name) in asked)
    wrong += [f"{name}: explained, and there is no such mutant" for name in gone]
    return wrong


def summary(found: Mapping[str, str], explained: Iterable[str]) -> list[str]:
    """One line a module: its mutants, how many were killed, how many explained."""
    of: dict[str, Counter[str]] = {}
    for name, outcome in found.items():
        of.setdefault(_module(name), Counter())["killed" if outcome in KILLED else "explained" if name in explained else "survived"] += 1
    return [
        f"{module}: {sum(count.values())} mutants, {count['killed']} killed, {count['explained']} explained, {count['survived']} survived"
        for module, count in sorted(of.items())
    ]


def _module(name: str) -> str:
    return name.rsplit(".", 1)[0]


def main(modules: list[str]) -> int:
    """The exit code: 0 where every mutant is killed or explained."""
    patterns = [f"syndication.{module}.*" for module in modules]
    subprocess.run([*MUTMUT, "run", "--max-children", "2", *patterns], check=True)
    told = subprocess.run([*MUTMUT, "results", "--all", "true"], check=True, capture_output=True, text=True).stdout
    found = {
        name: outcome for name, outcome in outcomes(told).items() if not modules or name.startswith(tuple(f"{one}." for one in modules))
    }
    explained: dict[str, str] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    for line in (*summary(found, explained), *(wrong := faults(found, explained))):
        sys.stdout.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
