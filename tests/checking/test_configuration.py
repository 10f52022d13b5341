"""The configuration of `check`: where it is found, what it may say, and what is told where it is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from convcalc.checking.configuration.figures import DEFINED
from convcalc.checking.configuration.patterns import Patterns, missing_folder
from convcalc.checking.configuration.reading import KEYS, configuration_schema, load_configuration
from convcalc.checking.configuration.toml import read_table
from convcalc.checking.settings import DEFAULT_RULES, RunSettings, Settings
from convcalc.errors import SpecError
from convcalc.lint.rules import RULES
from convcalc.text.source import Mark, Source, Value, YamlList, YamlMapping
from tests.helpers import marked
from tests.networks import NET
from tests.workspace import Workspace, needs_git

VALIDATOR = Draft202012Validator(configuration_schema())
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
FIRST_STEPS = (DOCS / "first-steps" / "team.md").read_text(encoding="utf-8")
RULE = next(iter(RULES))


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """The top of a repository, above which no configuration is looked for."""
    (workspace / ".git").mkdir()
    return workspace


def errors(out: str) -> int:
    return out.count("error[budget]")


# -- where it is found -------------------------------------------------------------------------------------------

TIGHT = "budgets: {params: {max: 60k}}\n"
TOML = '[tool.convcalc]\nbudgets = {params = {max = "60k"}}\n'


@pytest.mark.parametrize(("name", "text"), [(".convcalc.yaml", TIGHT), ("pyproject.toml", TOML)])
def test_it_is_found_from_below(workspace: Workspace, name: str, text: str) -> None:
    workspace.write(specs__net=NET)
    workspace.write({name: text})
    assert workspace.check("specs")[0] == 1
    workspace.enter("specs")
    code, out = workspace.check("net.yaml")
    assert (code, errors(out)) == (1, 1)
    assert f"the limit is that of ../{name}:" in out
    assert workspace.check("net.yaml", "--no-config")[0] == 0


def test_the_nearest_is_taken_alone(workspace: Workspace) -> None:
    workspace.write(specs__net=NET)
    workspace.write({"pyproject.toml": TOML})
    workspace.write({"specs/.convcalc.yaml": "# nothing\n"})
    workspace.enter("specs")
    assert workspace.check("net.yaml") == (0, "1 file, 2 networks: no problems\n")


def test_it_is_not_looked_for_above_the_repository(workspace: Workspace) -> None:
    workspace.write(inner__net=NET)
    workspace.write({".convcalc.yaml": TIGHT})
    (workspace / "inner/.git").write_text("gitdir: elsewhere\n")
    workspace.enter("inner")
    assert workspace.check("net.yaml")[0] == 0


def test_a_pyproject_without_the_table_is_passed_by(workspace: Workspace) -> None:
    workspace.write(specs__net=NET)
    workspace.write({"pyproject.toml": TOML})
    workspace.write({"specs/pyproject.toml": '[project]\nname = "convcalc-user"\n'})
    workspace.enter("specs")
    assert workspace.check("net.yaml")[0] == 1
    workspace.write({"specs/pyproject.toml": "this is broken, and not ours\n"})
    assert workspace.check("net.yaml")[0] == 1


def test_two_in_one_folder_are_refused(workspace: Workspace) -> None:
    workspace.write(net=NET)
    workspace.write({".convcalc.yaml": TIGHT})
    workspace.write({"pyproject.toml": TOML})
    code, out = workspace.check("net.yaml")
    assert code == 2
    assert ".convcalc.yaml and [tool.convcalc] of pyproject.toml both configure convcalc" in out


def test_a_file_is_named(workspace: Workspace) -> None:
    workspace.write(net=NET, other__tight=TIGHT)
    workspace.write({"other/tool.toml": TOML})
    workspace.write({"none.toml": "[tool.other]\n"})
    workspace.write({".convcalc.yaml": "ignore: all\n"})
    for name in ("other/tight.yaml", "other/tool.toml"):
        assert workspace.check("net.yaml", "--config", name)[0] == 1
    for option, message in (("none.toml", "no table [tool.convcalc]"), ("absent.yaml", "there is no such file")):
        code, out = workspace.check("net.yaml", "--config", option)
        assert code == 2
        assert message in out
    assert workspace.check("net.yaml", "--config", "other/tight.yaml", "--no-config")[0] == 2


# -- what it says ------------------------------------------------------------------------------------------------


def settings_of(workspace: Workspace, text: str, path: str, **command_line: Any) -> Settings:
    workspace.write({".convcalc.yaml": text})
    return RunSettings(load_configuration(".convcalc.yaml"), **command_line).settings_for(path)


def held(workspace: Workspace, text: str, path: str) -> list[tuple[str, ...]]:
    return [(*limit.subject, *limit.variants) for limit in settings_of(workspace, text, path).limits]


def test_rules(workspace: Workspace) -> None:
    workspace.write(specs__net=NET)
    a, b = DEFAULT_RULES[:2]
    rest = tuple(rule for rule in DEFAULT_RULES if rule != a)
    assert settings_of(workspace, "", "net.yaml").rules == DEFAULT_RULES
    assert settings_of(workspace, f"ignore: {a}", "net.yaml").rules == rest
    assert settings_of(workspace, f"select: [{a}, {b}]\nignore: [{b}]", "net.yaml").rules == (a,)
    assert settings_of(workspace, f"select: []\nextend-select: {b}", "net.yaml").rules == (b,)
    assert settings_of(workspace, "select: all", "net.yaml").rules == tuple(RULES)
    per_path = f"select: {a}\nper-path:\n  - {{paths: specs, extend-select: {b}}}\n  - {{paths: net.yaml, ignore: {a}}}"
    assert settings_of(workspace, per_path, "specs/other.yaml").rules == (a, b)
    assert settings_of(workspace, per_path, "specs/net.yaml").rules == (b,)
    assert settings_of(workspace, per_path, "other.yaml").rules == (a,)
    chosen = settings_of(workspace, f"ignore: {a}", "net.yaml", select=[a, b])
    assert chosen.rules == (a, b), "the command line overrides it"
    assert settings_of(workspace, f"ignore: {a}", "net.yaml", ignore=[b]).rules == tuple(r for r in rest if r != b)


SEVERITIES = """
severity: {dropped-rows: error, no-effect: 'off', dominant-layer: warning, unused-ignore: 'off'}
options: {dropped-rows: {min-loss: 2.5 %}, dominant-layer: {share: 80%}}
per-path:
  - {paths: specs, severity: {dropped-rows: 'off', no-effect: error}, options: {dropped-rows: {min-loss: 0%}}}
  - {paths: specs/small, ignore: no-effect}
"""


def test_severities_and_options(workspace: Workspace) -> None:
    """A rule with a severity runs, one that is off does not, and what is for some paths is over what is for all."""
    workspace.write(specs__small__net=NET)
    paths = ("net.yaml", "specs/net.yaml", "specs/small/net.yaml")
    one, two, three = (settings_of(workspace, SEVERITIES, path) for path in paths)
    assert {"dropped-rows", "dominant-layer"} <= set(one.rules)
    assert "no-effect" not in one.rules
    assert {"no-effect", "dominant-layer"} <= set(two.rules)
    assert "dropped-rows" not in two.rules
    assert "no-effect" not in three.rules
    assert one.severities == {
        "dropped-rows": "error", "no-effect": "off", "dominant-layer": "warning", "unused-ignore": "off",
    }  # fmt: skip
    assert two.severities == three.severities == {**one.severities, "dropped-rows": "off", "no-effect": "error"}
    assert one.options == {"dropped-rows": {"min_loss": Fraction(1, 40)}, "dominant-layer": {"share": Fraction(4, 5)}}
    assert two.options == {**one.options, "dropped-rows": {"min_loss": 0}}


BUDGETS = """
budgets:
  - params: {max: 5M, min: 1}
    layers: {conv*: {receptive_field: {min: 3}}}
  - paths: specs/small/**
    variants: [tiny*, "?"]
    macs: {max: 300 MMACs}
  - {paths: [other.yaml], layers: {max: 9}}
per-path:
  - paths: "specs/**/net.yaml"
    budgets: {flops: 7}
"""


def test_budgets_are_for_paths(workspace: Workspace) -> None:
    workspace.write(specs__small__net=NET, other=NET)
    always = [("", "params", "max"), ("", "params", "min"), ("conv*", "receptive_field", "min")]
    assert held(workspace, BUDGETS, "net.yaml") == always
    assert held(workspace, BUDGETS, "sub/other.yaml") == [*always, ("", "layers", "max")]
    assert held(workspace, BUDGETS, "specs/small/net.yaml") == [
        *always, ("", "macs", "max", "tiny*", "?"), ("", "flops", "exact"),
    ]  # fmt: skip
    assert held(workspace, BUDGETS, "../specs/small/net.yaml") == always


def test_the_command_line_is_over_it(workspace: Workspace) -> None:
    workspace.write(net=NET)
    workspace.write({".convcalc.yaml": "budgets: {params: {max: 1k}, macs: {max: 1k}}\n"})
    assert errors(workspace.check("net.yaml")[1]) == 4
    assert errors(workspace.check("net.yaml", "--max-params", "1G")[1]) == 2
    assert errors(workspace.check("net.yaml", "--min-params", "1")[1]) == 4
    assert workspace.check("net.yaml", "--max-params", "1G", "--budget", "macs <= 1G")[0] == 0


def test_budgets_of_variants(workspace: Workspace) -> None:
    workspace.write(net=NET)
    workspace.write({".convcalc.yaml": "budgets: [{variants: w*, params: {max: 1}}]\n"})
    code, out = workspace.check("net.yaml")
    assert (code, errors(out)) == (1, 1)
    assert "net.yaml:5:3: error[budget] wide: params" in out


def test_a_layer_that_a_named_file_does_not_have(workspace: Workspace) -> None:
    workspace.write(net=NET, other=NET)
    text = "budgets: [{paths: %s, layers: {%s: {params: {max: 1M}}}}]\n"
    for paths, layer, count in (("net.yaml", "stem", 1), ("net.yaml", "stem*", 0), ("'*.yaml'", "stem", 0)):
        workspace.write({".convcalc.yaml": text % (paths, layer)})
        assert errors(workspace.check(".")[1]) == count
    workspace.write({".convcalc.yaml": text % ("net.yaml", "stem")})
    assert "net.yaml:1:1: error[budget] there is no layer `stem`" in workspace.check(".")[1]


def test_what_is_excluded(workspace: Workspace) -> None:
    broken = "layers: [rleu]\n"
    workspace.write(net=NET, build__a=broken, specs__old__b=broken, specs__old_c=broken)
    workspace.write({".convcalc.yaml": 'exclude: [build/, "specs/old*"]\n'})
    assert workspace.check(".") == (0, "1 file, 2 networks: no problems\n")
    assert workspace.check("build/a.yaml")[0] == 2, "a file that is named is checked"
    workspace.enter("specs")
    assert workspace.check("..") == (0, "1 file, 2 networks: no problems\n")


@needs_git
def test_baseline_and_growth(workspace: Workspace) -> None:
    (workspace / ".git").rmdir()
    workspace.write(net=NET)
    workspace.commit()
    workspace.write(net=NET.replace("out_features: 10", "out_features: 11"))
    workspace.write({".convcalc.yaml": "baseline: main\ngrowth: {params: 9%}\n"})
    code, out = workspace.check("net.yaml")
    assert (code, out.count("error[growth]")) == (1, 1)
    assert "the limit is that of .convcalc.yaml:2:18" in out
    assert workspace.check("net.yaml", "--max-growth", "params=10%")[0] == 0
    assert workspace.check("net.yaml", "--max-growth", "macs=0")[1].count("error[growth]") == 3
    workspace.write({".convcalc.yaml": "growth: {params: 9%}\n"})
    assert workspace.check("net.yaml")[0] == 0, "without a baseline nothing is compared"
    assert workspace.check("net.yaml", "--baseline", "main")[0] == 1


def test_the_lock_file(workspace: Workspace) -> None:
    workspace.write(specs__net=NET)
    workspace.write({".convcalc.yaml": "lock: locks/figures.lock\n"})
    (workspace / "locks").mkdir()
    workspace.enter("specs")
    assert workspace.check("net.yaml", "--update-lock")[0] == 0
    assert (workspace / "locks/figures.lock").exists()
    assert workspace.check("net.yaml", "--locked")[0] == 0
    workspace.write({".convcalc.yaml": "ignore: []\n"})
    workspace.check("net.yaml", "--update-lock")
    assert (workspace / "convcalc.lock").exists(), "beside the configuration where it names none"


# -- what is wrong -----------------------------------------------------------------------------------------------

# `§` stands before what the message must point to.
WRONG_YAML = [
    ("§slect: all", "unknown-key", "the configuration has no `slect`", "did you mean select?"),
    ("select: §droped-rows", "wrong-value", "there is no rule `droped-rows`", "dropped-rows"),
    ("ignore: [dropped-rows, §3]", "wrong-type", "must be text, not a number", ""),
    ("ignore: §{a: 1}", "wrong-type", "must be text, not a mapping", ""),
    ("baseline: §3", "wrong-type", "`baseline` must be text", ""),
    ("baseline:§", "wrong-type", "`baseline` must be text, not nothing", ""),
    ("lock: §[a]", "wrong-type", "`lock` must be text", ""),
    ("exclude: [a, §../b]", "wrong-value", "is outside the folder", ""),
    ("exclude: [§'!a']", "wrong-value", "is not a pattern", ""),
    ("exclude: §'[z-a]'", "wrong-value", "is not a pattern", ""),
    ("budgets: §5M", "wrong-type", "an item of `budgets` must be a mapping, not text", ""),
    ("budgets: [§{}]", "wrong-value", "a budget without a figure", ""),
    ("budgets: {§parms: {max: 3}}", "unknown-key", "has no `parms`", "did you mean params"),
    ("budgets: {params: {§mx: 3}}", "unknown-key", "`params` has no `mx`", "max"),
    ("budgets: {params: §{}}", "wrong-value", "has no bound", "{max: …}"),
    ("budgets: {params: {max: §many}}", "wrong-value", "`many` is not a whole number", "5M"),
    ("budgets: {params: {max: §2.5}}", "wrong-value", "`2.5` is not a whole number", ""),
    ("budgets: {params: {max: §-2}}", "wrong-value", "`-2` is not a whole number", ""),
    ("budgets: {params: {max: §true}}", "wrong-value", "`True` is not a whole number", ""),
    ("budgets: {params: {max: §=3 * 2}}", "wrong-value", "this is not a whole number", ""),
    ("budgets: {macs: {max: §4MiB}}", "wrong-value", "`4MiB` is in bytes, which is not a unit of macs", ""),
    ("budgets: {param_bytes: {max: §5 MMACs}}", "wrong-value", "is in macs", "4MiB"),
    ("budgets: {params: 1, paths: §nowhere/*.yaml}", "wrong-value", "there is no `nowhere`", ""),
    ("budgets: {layers: {conv1: {§parms: 1}}}", "unknown-key", "`conv1` of `layers` has no `parms`", "params"),
    ("budgets: {layers: {conv1: §5}}", "wrong-type", "`conv1` of `layers` must be a mapping", ""),
    ("budgets: {layers: {conv1: {params: {max: §1KiB}}}}", "wrong-value", "is in bytes", ""),
    ("growth: §2%", "wrong-type", "`growth` must be a mapping", ""),
    ("growth: {params: §lots}", "wrong-value", "`lots` is not a whole number", "2%"),
    ("growth: {§conv1: 2%}", "unknown-key", "`growth` has no `conv1`", ""),
    ("fail-on: §warnings", "wrong-value", "`fail-on` must be error, warning or never, not `warnings`", "warning?"),
    ("fail-on: §[error]", "wrong-value", "`fail-on` must be error, warning or never", ""),
    ("accepted: §3", "wrong-type", "`accepted` must be text", ""),
    ("severity: §error", "wrong-type", "`severity` must be a mapping, not text", ""),
    ("severity: {§droped-rows: error}", "unknown-key", "`severity` has no `droped-rows`", "dropped-rows"),
    ("severity: {§budget: warning}", "unknown-key", "`severity` has no `budget`", ""),
    ("severity: {dropped-rows: §eror}", "wrong-value", "must be error, warning or off, not `eror`", "error?"),
    ("severity: {dropped-rows: §2}", "wrong-value", "`dropped-rows` must be error, warning or off", ""),
    ("options: {§no-effect: {share: 2%}}", "unknown-key", "`options` has no `no-effect`", ""),
    ("options: {dropped-rows: {§min-los: 2%}}", "unknown-key", "`dropped-rows` has no `min-los`", "min-loss"),
    ("options: {dropped-rows: §2%}", "wrong-type", "`dropped-rows` must be a mapping", ""),
    ("options: {dropped-rows: {min-loss: §2}}", "wrong-value", "must be a share in per cent", "as in 2%"),
    ("options: {dropped-rows: {min-loss: §two}}", "wrong-value", "must be a share in per cent", "as in 2%"),
    ("per-path: [§{ignore: []}]", "missing-key", "has no `paths`", ""),
    ("per-path: [{paths: a.yaml, §baseline: main}]", "unknown-key", "has no `baseline`", ""),
]


@pytest.mark.parametrize(("text", "rule", "message", "help"), WRONG_YAML, ids=[case[0] for case in WRONG_YAML])
def test_what_is_wrong_in_yaml(workspace: Workspace, text: str, rule: str, message: str, help: str) -> None:
    clean, place = marked(text)
    workspace.write(net=NET)
    workspace.write({".convcalc.yaml": f"{clean}\n"})
    with pytest.raises(SpecError) as error:
        load_configuration(".convcalc.yaml")
    (problem,) = error.value.problems
    assert (str(problem.where), problem.rule) == (f".convcalc.yaml:{place}", rule)
    assert message in problem.message
    assert help in problem.help
    code, out = workspace.check("net.yaml")
    assert code == 2
    assert f".convcalc.yaml:{place}: error[{rule}]" in out


def test_the_schema_accepts_what_is_right_and_refuses_what_is_wrong(workspace: Workspace) -> None:
    workspace.write(specs__small__net=NET, other=NET)
    for text in (
        TIGHT,
        BUDGETS,
        f"select: [{RULE}]",
        "select: all",
        "growth: {macs: 2%, params: 10k}",
        "baseline: a",
        "fail-on: never",
        SEVERITIES,
    ):
        problems = list(VALIDATOR.iter_errors(yaml.safe_load(text)))
        assert problems == [], text
        settings_of(workspace, text, "net.yaml")
    # Units, folders that are not there and the sense of patterns are beyond a schema.
    beyond = ("../b", "'!a'", "[z-a]", "{}]", "nowhere")
    for text, _, _, _ in WRONG_YAML:
        value = yaml.safe_load(text.replace("§", ""))
        assert any(part in text for part in beyond) or not VALIDATOR.is_valid(value), text


EXAMPLES = re.findall(r"^```(?:yml|toml)\n(# (\.convcalc\.yaml|pyproject\.toml)\n.*?)^```$", PAGE, re.M | re.S)


def test_the_page_has_examples() -> None:
    assert sorted(name for _, name in EXAMPLES) == [".convcalc.yaml", "pyproject.toml"]
    assert set(re.findall(r"`([a-z-]+)`", PAGE)) >= set(KEYS.keys), "the page names every key"


@pytest.mark.parametrize(("text", "name"), EXAMPLES, ids=[name for _, name in EXAMPLES])
def test_the_examples_of_the_page_are_right(workspace: Workspace, text: str, name: str) -> None:
    workspace.write(specs__mobile__net=NET, specs__published__net=NET)
    workspace.write({name: text})
    found = load_configuration(name)
    assert found.limits("specs/mobile/net.yaml")
    assert len(found.rules("specs/published/net.yaml", DEFAULT_RULES)) > 1
    value = yaml.safe_load(text) if name.endswith(".yaml") else tomllib.loads(text)["tool"]["convcalc"]
    assert list(VALIDATOR.iter_errors(value)) == []


def test_the_example_of_the_first_steps_is_right(workspace: Workspace) -> None:
    (text,) = re.findall(r"^```yml\n(# \.convcalc\.yaml\n.*?)^```$", FIRST_STEPS, re.M | re.S)
    workspace.write(models__small=NET)
    workspace.write({".convcalc.yaml": text})
    (limit,) = load_configuration(".convcalc.yaml").limits("models/small.yaml")
    assert (limit.figure, limit.side, limit.number) == ("params", "max", 50_000)


def test_the_schema(workspace: Workspace) -> None:
    Draft202012Validator.check_schema(configuration_schema())
    code, out, _ = workspace.call("schema", "--config")
    assert (code, json.loads(out)) == (0, configuration_schema())
    assert set(configuration_schema()["properties"]) == set(KEYS.keys)
    assert all(f'"#/$defs/{name}"' in out for name in DEFINED), "every definition is used"
    assert len(out) < 30_000


# The text, the key path that the message must name, the rule, and a part of the help.
WRONG_TOML = [
    ('[tool.convcalc]\nslect = "all"', "slect", "unknown-key", "did you mean select?"),
    ('[tool]\nconvcalc = {ignore = ["dropped-rows", "droped-rows"]}', "ignore[1]", "wrong-value", "dropped-rows"),
    ("[tool.convcalc.budgets]\nparams.max = '4MiB'", "budgets.params.max", "wrong-value", "5M"),
    ('[tool."convcalc"]\n"budgets" = [\n  # one\n  {params = {max = 3}},\n  { parms = 3 },\n]', "budgets[1].parms",
     "unknown-key", "params"),
    ("[[tool.convcalc.per-path]]\npaths = '*'\n[[tool.convcalc.per-path]]\nignore = []", "per-path[1]", "missing-key",
     ""),
    ("[[tool.convcalc.budgets]]\nmacs = 1\n[[tool.convcalc.budgets]]\n[tool.convcalc.budgets.layers]\n"
     '"a.b".params = 3\nc.d = 4', "budgets[1].layers.c.d", "unknown-key", ""),
    ('x = """\n[tool.convcalc]\nslect=1\n"""\n[tool.convcalc] # slect\ngrowth = { params = 1979-05-27 }',
     "growth.params", "wrong-value", "2%"),
    ("[[tool.convcalc]]\nignore = []", "", "wrong-type", ""),
    ("tool.convcalc = 'none'", "", "wrong-type", ""),
    ("tool.convcalc.baseline = 3.5", "baseline", "wrong-type", ""),
    ("tool.convcalc.base = 'é'", "base", "unknown-key", "baseline"),
    ("\"é\" = 'ü' # é\r\ntool.convcalc.lock = 0x1F\r\n", "lock", "wrong-type", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "rule", "help"), WRONG_TOML, ids=[repr(case[0])[:40] for case in WRONG_TOML])
def test_what_is_wrong_in_toml(workspace: Workspace, text: str, path: str, rule: str, help: str) -> None:
    workspace.write(net=NET)
    (workspace / "pyproject.toml").write_bytes(text.encode())
    with pytest.raises(SpecError) as error:
        load_configuration("pyproject.toml")
    (problem,) = error.value.problems
    assert (str(problem.where), problem.rule) == ("pyproject.toml", rule)
    assert problem.subject == f"[tool.convcalc] {path}".rstrip()
    assert help in problem.help
    code, out = workspace.check("net.yaml")
    assert code == 2
    assert f"pyproject.toml: error[{rule}] {problem.subject}: " in out


def test_toml_that_is_not_well_formed(workspace: Workspace) -> None:
    workspace.write(net=NET)
    for text, place in (("[tool.convcalc]\na = = 3\n", "2:5"), ('[tool.convcalc]\na = """', "2:1")):
        workspace.write({"pyproject.toml": text})
        code, out = workspace.check("net.yaml")
        assert code == 2
        assert f"pyproject.toml:{place}: error[toml-syntax]" in out


HOSTILE = [
    ("pyproject.toml", "[tool.convcalc]\na = " + "[" * 100_000 + "]" * 100_000, "nested too deeply"),
    ("pyproject.toml", "[tool.convcalc]\nlock = " + "{a = " * 9_000 + "1" + "}" * 9_000, "nested too deeply"),
    ("pyproject.toml", "[tool.convcalc]\nlock = " + "9" * 9_000, "toml-syntax"),
    ("pyproject.toml", "[tool.convcalc]\nbudgets.params = '" + "9" * 9_000 + "'", "is not a whole number"),
    ("pyproject.toml", b"[tool.convcalc]\nlock = '\xff'", "not UTF-8"),
    ("pyproject.toml", "[tool.convcalc]\n\0", "NUL"),
    (".convcalc.yaml", "growth: {params: '" + "9" * 9_000 + "%'}", "is not a whole number"),
    (".convcalc.yaml", "exclude: " + "[" * 200 + "]" * 200, "too-deep"),
    (".convcalc.yaml", "a: &a [x]\nb: &b [*a, *a]\n<<: *b", "unknown-key"),
    (".convcalc.yaml", "- select", "is not a mapping"),
    (".convcalc.yaml", "select: [", "yaml-syntax"),
]


@pytest.mark.parametrize(("name", "text", "message"), HOSTILE, ids=[f"{case[0]} {case[2]}" for case in HOSTILE])
def test_a_hostile_file_ends_in_a_message(workspace: Workspace, name: str, text: str | bytes, message: str) -> None:
    workspace.write(net=NET)
    (workspace / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    code, out = workspace.check("net.yaml")
    assert code == 2, out[:500]
    assert message in out
    assert len(out) < 20_000


KEY = st.sampled_from(["a", "b-c", "d_1", "e.f", 'g"h', "i j", "é", "1", ""])
SCALAR = st.one_of(
    st.integers(-5, 10**20),
    st.booleans(),
    st.floats(0, 1e6),
    st.sampled_from(["", "x", "a b", "[t]", "k = 3", "#no", "a\nb", 'q"', "it's", '"""', "\\", "}", "],"]),
)
NESTED = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEY, inner, max_size=3)),
    max_leaves=8,
)


def basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def in_path(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else basic(key)


def written(value: Any) -> str:
    """A value as inline TOML, on several lines where that may be."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{basic(key)}={written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[ # list\n" + "".join(f"  {written(item)} ,\n" for item in value) + "]"
    if isinstance(value, str) and "'" not in value and "\n" not in value and len(value) % 2:
        return f"'{value}'"
    if isinstance(value, str) and len(value) > 2:
        return '"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
    return basic(value) if isinstance(value, str) else str(value).lower()


def as_plain(value: Value) -> Any:
    if isinstance(value, YamlMapping):
        return {key: as_plain(item) for key, item in value.pairs.items()}
    return list(map(as_plain, value.items)) if isinstance(value, YamlList) else value


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEY, st.one_of(NESTED, st.dictionaries(KEY, NESTED, max_size=3)), max_size=4), st.data())
def test_every_value_of_toml_has_its_key_path(table: dict[str, Any], data: st.DataObject) -> None:
    opened = {key for key, value in table.items() if isinstance(value, dict) and data.draw(st.booleans())}
    head = [f"{basic(key)} = {written(value)}" for key, value in table.items() if key not in opened]
    parts = ["[[other]]", "tool = 1 # [tool.convcalc]", "[tool . convcalc]", *head]
    for key in opened:
        parts.append(f"[tool.convcalc.{basic(key)}]")
        parts += [f"{basic(inner)} = {written(item)}" for inner, item in table[key].items()]
    text = "\n".join(parts) + "\n"
    found = read_table(Source("pyproject.toml", text), "tool", "convcalc")
    assert found is not None
    paths = found.key_paths
    assert as_plain(found.root) == tomllib.loads(text)["tool"]["convcalc"] == table

    def follow(value: Value, mark: Mark, path: str) -> None:
        assert paths[mark] == f"[tool.convcalc] {path}"
        if isinstance(value, YamlMapping):
            for key, item in value.pairs.items():
                assert value.key_mark(key) == value.value_mark(key)
                follow(item, value.value_mark(key), f"{path}.{in_path(key)}")
        elif isinstance(value, YamlList):
            for index, (item, place) in enumerate(zip(value.items, value.marks)):
                follow(item, place, f"{path}[{index}]")

    assert paths[found.root.mark] == "[tool.convcalc]"
    for key, item in found.root.pairs.items():
        follow(item, found.root.value_mark(key), in_path(key))


# -- patterns ----------------------------------------------------------------------------------------------------

PATTERNS = [
    ("net.yaml", ["net.yaml", "a/net.yaml", "a/b/net.yaml", "net.yaml/x"], ["anet.yaml", "net.yamlx"]),
    ("*.yaml", ["net.yaml", "a/net.yaml"], ["net.yml"]),
    ("specs", ["specs", "specs/a.yaml", "a/specs/b/c.yaml"], ["aspecs/a.yaml", "specs.yaml"]),
    ("specs/", ["specs/a.yaml", "a/specs/b.yaml"], ["spec/a.yaml"]),
    ("/specs", ["specs/a.yaml"], ["a/specs/b.yaml"]),
    ("./net.yaml", ["net.yaml"], ["a/net.yaml"]),
    ("specs/*.yaml", ["specs/a.yaml"], ["specs/b/a.yaml", "a/specs/b.yaml"]),
    ("specs/**", ["specs/a.yaml", "specs/a/b.yaml"], ["spec/a.yaml", "a/specs/b.yaml"]),
    ("specs/**/a.yaml", ["specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"], ["specs/ba.yaml"]),
    ("**/small/*.yaml", ["small/a.yaml", "a/b/small/a.yaml"], ["small/b/a.yaml", "asmall/a.yaml"]),
    ("**", ["a", "a/b"], []),
    ("a/**/**/**/**/**/**/**/**/b", ["a/b", "a/c/b", "a/c/d/e/f/g/h/b"], ["a/c" + "/c" * 2000]),
    ("net?.y*ml", ["net1.yaml", "net1.yml"], ["net.yaml", "net/.yaml"]),
    ("net[0-9].yaml", ["net1.yaml"], ["neta.yaml"]),
    ("net[!0-9].yaml", ["neta.yaml"], ["net1.yaml", "net/.yaml"]),
    ("a.b+(c)", ["a.b+(c)"], ["aab+(c)", "a.bb(c)"]),
]


@pytest.mark.parametrize(("pattern", "matches", "others"), PATTERNS, ids=[case[0] for case in PATTERNS])
def test_patterns(pattern: str, matches: list[str], others: list[str]) -> None:
    assert [path for path in (*matches, *others) if Patterns([pattern]).match(path)] == matches


def test_no_pattern_matches_nothing() -> None:
    assert not Patterns([]).match("")
    assert not Patterns([]).match("a")


def test_folders_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "specs/small").mkdir(parents=True)
    missing = {
        "specs/*.yaml": "", "spec/*.yaml": "spec", "specs/small": "", "specs/smal/**": "specs/smal", "net.yaml": "",
        "**/x/*": "", "specs/": "", "/net.yaml": "net.yaml",
    }  # fmt: skip
    assert {pattern: missing_folder(pattern, str(tmp_path)) for pattern in missing} == missing
