"""YAML to located values: the core schema, what is refused, and where every value stands."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

import convcalc
from convcalc.text.compose import compose
from convcalc.text.scalars import resolve_plain
from convcalc.text.source import Expression, Source, YamlList, YamlMapping, decode
from tests.helpers import marked

SCALARS = [
    ("12", 12), ("-3", -3), ("+3", 3), ("012", 12), ("0", 0), ("0o14", 12), ("0x1F", 31), ("0xff", 255),
    ("1e3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-1.5E-2", -0.015), ("1e400", math.inf), (".inf", math.inf),
    ("-.INF", -math.inf), ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None),
    ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("n", "n"), ("tRUE", "tRUE"),
    ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("2020-01-01", "2020-01-01"), ("0b11", "0b11"), ("-0x1F", "-0x1F"),
    ("0o18", "0o18"), ("1e", "1e"), ("e3", "e3"), ("+", "+"), ("-", "-"), (".", "."), ("1.2.3", "1.2.3"), ("nan",
     "nan"),
    ("3x3", "3x3"), ("١٢", "١٢"), ("<<", "<<"), ("=", "="),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=[repr(case[0]) for case in SCALARS])
def test_plain_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    received = resolve_plain(text)
    assert received == value
    assert type(received) is type(value)


def test_not_a_number_is_one() -> None:
    received = resolve_plain(".nan")
    assert isinstance(received, float)
    assert math.isnan(received)


@pytest.mark.parametrize(
    "text", ["9" * 101, "0x" + "f" * 100, "0o" + "7" * 200, "1." + "0" * 100, "1e" + "0" * 99 + "1"]
)
def test_numbers_of_too_many_digits(text: str) -> None:
    with pytest.raises(ValueError, match="too many digits"):
        resolve_plain(text)


def plain(value: Any) -> Any:
    """A located value as plain Python."""
    if isinstance(value, YamlMapping):
        return {key: plain(item) for key, item in value.pairs.items()}
    if isinstance(value, YamlList):
        return [plain(item) for item in value.items]
    return f"={value.text}" if isinstance(value, Expression) else value


DOCUMENTS = [
    ("a: 1\nb: [x, {c: 2}]\n", {"a": 1, "b": ["x", {"c": 2}]}),
    ("a: '1'\nb: \"true\"\nc: 'no'\n", {"a": "1", "b": "true", "c": "no"}),
    ("a: =1 + 2\nb: '=x[0]'\nc: \"=max(1, 2)\"\n", {"a": "=1 + 2", "b": "=x[0]", "c": "=max(1, 2)"}),
    ("a: &x [1, 2]\nb: *x\nc: {d: *x}\n", {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}),
    ("a: &x 5\nb: *x\n", {"a": 5, "b": 5}),
    ("a: |\n  one\n  two\nb: >\n  three\n  four\n", {"a": "one\ntwo\n", "b": "three four\n"}),
    ("--- # a comment\na: 1\n...\n", {"a": 1}),
    ("%YAML 1.2\n---\na: 1\n", {"a": 1}),
    ("1: a\ntrue: b\n~: c\n", {"1": "a", "true": "b", "~": "c"}),
    ("? a\n: 1\n", {"a": 1}),
    ("a:\nb: []\nc: {}\n", {"a": None, "b": [], "c": {}}),
    ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ("a: ünï 😀\n", {"a": "ünï 😀"}),
]

REFUSED = [
    ("a: 1\n§a: 2\n", "duplicate-key"),
    ("a: {b: 1, c: 2, §b: 3}\n", "duplicate-key"),
    ("a: §!!python/object/apply:os.system [ls]\n", "tag"),
    ("a: §!!int '3'\n", "tag"),
    ("a: §!own {b: 1}\n", "tag"),
    ("§!!str a: 1\n", "tag"),
    ("a: &x [1, §*x]\n", "alias-cycle"),
    ("a: &x {b: §*x}\n", "alias-cycle"),
    ("§[a]: 1\n", "bad-key"),
    ("§{a: 1}: 1\n", "bad-key"),
    ("a: &x b\n§*x : 1\n", "bad-key"),
    ("a: 1\n§---\nb: 2\n", "second-document"),
    ("a: §" + "9" * 20000 + "\n", "too-large"),
    ("a: §0x" + "f" * 20000 + "\n", "too-large"),
    ("a: [1\nb: 2§: 3\n", "yaml-syntax"),
    ("a:\n§\t- b\n", "yaml-syntax"),
    ("a: 'x§\x07'\n", "yaml-syntax"),
    ("é: '😀 §\x07'\n", "yaml-syntax"),
]


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test with the C parser and, where it is not installed, the pure Python one."""
    if request.param == "python":
        monkeypatch.setattr("convcalc.text.events.LOADER", yaml.SafeLoader)
    return str(request.param)


@pytest.mark.parametrize(("text", "value"), DOCUMENTS, ids=[case[0] for case in DOCUMENTS])
def test_documents(loader: str, text: str, value: Any) -> None:
    assert plain(compose(Source("spec.yaml", text))) == value


@pytest.mark.parametrize(("text", "rule"), REFUSED, ids=[repr(case[0][:30]) for case in REFUSED])
def test_refused(loader: str, text: str, rule: str) -> None:
    clean, place = marked(text)
    with pytest.raises(convcalc.SpecError) as caught:
        compose(Source("spec.yaml", clean))
    (problem,) = caught.value.problems
    assert problem.rule == rule
    if rule != "yaml-syntax" or "\x07" in text:  # where a syntax error is noticed differs between the two parsers
        assert f"{problem.where.line}:{problem.where.column}" == place


@pytest.mark.parametrize("text", ["", "# only\n# comments\n", "- a\n", "word", "5", "null", "---\n", "..."])
def test_what_holds_no_mapping_is_no_spec(loader: str, text: str) -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        compose(Source("spec.yaml", text))
    assert caught.value.problems[0].rule in ("not-a-spec", "yaml-syntax")


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_places_of_keys_and_values(loader: str, break_: str) -> None:
    text = break_.join(["a: 1", "bb: [x, 'y', {ü: =1, d: [z]}]", "c:", "  - é: ''", "    k: |", "      text"])
    where = Source("spec.yaml", text).where
    root = compose(Source("spec.yaml", text))

    def place(mark: int) -> str:
        return str(where(mark)).removeprefix("spec.yaml:")

    assert [place(mark) for mark in root.marks] == ["1:1", "1:4", "2:1", "2:5", "3:1", "4:3"]
    row, entries = root.pairs["bb"], root.pairs["c"]
    assert isinstance(row, YamlList)
    assert isinstance(entries, YamlList)
    assert [place(mark) for mark in row.marks] == ["2:6", "2:9", "2:14"]
    inner, entry = row.items[2], entries.items[0]
    assert isinstance(inner, YamlMapping)
    assert isinstance(entry, YamlMapping)
    assert [place(mark) for mark in inner.marks] == ["2:15", "2:18", "2:22", "2:25"]
    assert [place(mark) for mark in entry.marks] == ["4:5", "4:8", "5:5", "5:8"]
    assert place(inner.value_mark("d")) == "2:25"
    assert place(inner.key_mark("d")) == "2:22"


def test_an_alias_stands_where_it_is_written(loader: str) -> None:
    root = compose(Source("spec.yaml", "a: &x [1]\nb:   *x\n"))
    assert str(Source("f", "").where(root.value_mark("b"))) == "f:2:6"


def test_aliases_are_counted_as_what_they_stand_for(loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.bounds.MAX_YAML_VALUES", 1000)
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    assert compose(Source("f", text + "b: [" + "*a, " * 60 + "]"))
    bomb = text + "b: &b [" + "*a, " * 10 + "]\nc: [" + "*b, " * 10 + "]\n"
    with pytest.raises(convcalc.SpecError, match="when its aliases are written out"):
        compose(Source("f", bomb))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(loader: str, opening: str) -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        compose(Source("f", opening * 300))
    assert caught.value.problems[0].rule in ("too-deep", "bad-key", "yaml-syntax")


ENCODINGS = [
    ("a: 1".encode("utf-16"), "UTF-16"),
    (b"\x7fELF\x00\x00", "NUL bytes"),
    ("a: é".encode("latin-1"), "not UTF-8"),
]


@pytest.mark.parametrize(("data", "message"), ENCODINGS)
def test_what_is_no_text_in_utf8(data: bytes, message: str) -> None:
    with pytest.raises(convcalc.SpecError, match=message):
        decode("f", data)


def test_the_place_of_a_byte_that_is_not_utf8() -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        decode("f", b"a: 1\nbc: \xe9\n")
    assert str(caught.value.problems[0].where) == "f:2:5"


def test_a_byte_order_mark_is_skipped() -> None:
    assert plain(compose(decode("f", b"\xef\xbb\xbfa: 1\n"))) == {"a": 1}
