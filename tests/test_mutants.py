"""The command that judges mutants: a survivor without a reason fails it, and so does a reason without a survivor."""

from tests.mutants import faults, outcomes, summary

TOLD = """
    syndication.agreements.quota.x_window__mutmut_1: killed
    syndication.agreements.quota.x_window__mutmut_2: survived
    syndication.agreements.quota.x_window__mutmut_3: no tests
"""
FOUND = {
    "agreements.quota.x_window__mutmut_1": "killed",
    "agreements.quota.x_window__mutmut_2": "survived",
    "agreements.quota.x_window__mutmut_3": "no tests",
}


def test_it_reads_what_the_tool_says() -> None:
    assert outcomes(TOLD) == FOUND


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor() -> None:
    explained = {f"agreements.quota.x_window__mutmut_{number}": "changes nothing" for number in (1, 2, 9)}
    explained["agreements.usage.x_used__mutmut_1"] = "of a module that was not asked for"
    assert faults(FOUND, explained) == [
        "agreements.quota.x_window__mutmut_3: no tests, and no reason in mutants.toml",
        "agreements.quota.x_window__mutmut_1: explained as equivalent, and killed",
        "agreements.quota.x_window__mutmut_9: explained, and there is no such mutant",
    ]
    assert summary(FOUND, explained) == ["agreements.quota: 3 mutants, 1 killed, 1 explained, 1 survived"]
