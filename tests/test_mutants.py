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
    explained = {"agreements.quota.x_window__mutmut_1": "old", "agreements.quota.x_window__mutmut_2": "changes nothing"}
    assert faults(FOUND, explained) == [
        "agreements.quota.x_window__mutmut_3: no tests, and no reason in mutants.toml",
        "agreements.quota.x_window__mutmut_1: explained as equivalent, and killed",
    ]
    assert summary(FOUND, explained) == ["agreements.quota: 3 mutants, 1 killed, 1 explained, 1 survived"]
