"""The sources of the site: its pages have their place in the navigation, their links, and every name of the code."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from convcalc import layers, shipped
from convcalc.cli.main import COMMANDS
from convcalc.lint import comparisons, rules
from tests.workspace import ROOT
from website import commands, figures, layer_types, navigation, outputs, stage, zoo
from website import rules as rule_pages
from website.page import Page

NAVIGATION = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def texts(pages: list[Page]) -> dict[str, str]:
    return {page.path: page.text for page in pages}


def test_every_page_of_the_repository_is_in_the_navigation() -> None:
    listed = set(re.findall(r"^ +- (?:[\w ]+: )?([\w/-]+\.md)$", NAVIGATION, re.M))
    written = {place for _, place in stage.staged()}
    assert written <= listed
    made = {"reference/figures.md", "reference/json.md", "zoo/index.md"}
    made |= {f"{folder}/index.md" for folder in (commands.FOLDER, layer_types.FOLDER, rule_pages.FOLDER)}
    assert listed - written == made


def test_generated_pages_come_below_their_index() -> None:
    pages = [Page("zoo/index.md", ""), Page("zoo/lenet.md", "", "lenet"), Page("zoo/drawings/lenet.svg", "")]
    text = "nav:\n  - Networks: zoo/index.md\n  - Playground: playground/index.html\n"
    networks = {"Networks": ["zoo/index.md", {"lenet": "zoo/lenet.md"}]}
    assert yaml.safe_load(navigation.configured(text, pages)) == {"nav": [networks]}
    full = yaml.safe_load(navigation.configured(text, pages, has_playground=True))
    assert full == {"nav": [networks, {"Playground": "playground/index.html"}]}


def test_every_layer_type_has_its_section() -> None:
    found = texts(list(layer_types.pages()))
    places = layer_types.places()
    assert sorted(places) == sorted(layers.names())
    for name, place in places.items():
        path, _, anchor = place.partition("#")
        kind = layers.find(name)
        assert kind is not None
        section = re.split(r"^## ", found[path], flags=re.M)
        (own,) = [text for text in section if f'id="{anchor}"' in text or f"#{anchor} }}" in text]
        assert all(f"| `{key}` |" in own for key in kind.parameters), name


def test_every_rule_and_command_has_its_page() -> None:
    found = texts([*rule_pages.pages(), *commands.pages()])
    for name in (*rules.RULES, *comparisons.OPTIONS):
        assert rules.find(name).manual().summary.split()[0] in found[f"reference/rules/{name}.md"]
    for name in COMMANDS:
        assert f"\nUsage: convcalc {name} " in found[f"reference/commands/{name}.md"]


@pytest.mark.slow
def test_the_fields_of_json_are_those_of_the_output() -> None:
    pages = texts(list(outputs.pages()))
    section = pages["reference/json.md"].partition("\n## count\n")[2].partition("\n## ")[0]
    fields = set(re.findall(r"^\| `([^`]+)` \|", section, re.M))
    report = json.loads(outputs.printed("count lenet --format json"))
    assert {name for name in report if isinstance(report[name], str)} <= fields
    assert {f"totals.{name}" for name, value in report["totals"].items() if isinstance(value, int)} <= fields
    assert json.loads(pages["schemas/convcalc.schema.json"])["$schema"]
    assert "| `peak_activation_bytes` |" in next(figures.pages()).text


@pytest.mark.slow
def test_the_gallery_has_every_shipped_network() -> None:
    found = texts(list(zoo.pages()))
    for name in shipped.files():
        assert f'href="{name}.html"' in found["zoo/index.md"]
        assert found[f"zoo/drawings/{name}-maps.svg"].startswith("<svg ")
    assert "| `lenet@lenet5` |" in found["zoo/lenet.md"]
    assert "1x32x32 | 61,706 | 416,520 | 32x32 |" in found["zoo/lenet.md"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](../guides/draw.md#x)", "[a](../guides/draw.md#x)"),
        ("[a](../../CONTRIBUTING.md#words)", "[a](../project/contributing.md#words)"),
        ("[a](../../specs/lenet.yaml)", "[a](../zoo/lenet.md)"),
        ("[a](#here) [b](https://example.org/x)", "[a](#here) [b](https://example.org/x)"),
        ("`conv2d`", "[`conv2d`](../reference/layers/convolution.md#conv2d)"),
        ("`convcalc count net.yaml`", "[`convcalc count net.yaml`](../reference/commands/count.md)"),
        ("[the `conv2d`](#here)", "[the `conv2d`](#here)"),
        ("# `conv2d`", "# `conv2d`"),
        ("```sh\n`conv2d` [a](nowhere.md)\n```", "```sh\n`conv2d` [a](nowhere.md)\n```"),
        ("![a](../images/x.svg)", "[![a](../images/x.svg)](../images/x.svg)"),
        ("<!-- only on the site\nhere\n-->\n<!-- only in the repository -->\nthere\n", "here\n"),
    ],
)
def test_a_page_as_the_site_has_it(text: str, expected: str) -> None:
    names = stage.references(COMMANDS, rules.RULES, layer_types.places())
    page = ROOT / "docs" / "concepts" / "costs.md"
    assert stage.on_the_site(text, page, "concepts/costs.md", names) == expected


def test_a_link_to_a_file_that_the_site_lacks() -> None:
    with pytest.raises(stage.BrokenLink, match=r"docs/index\.md: the site has no pyproject\.toml"):
        stage.moved("[a](../pyproject.toml)", ROOT / "docs" / "index.md", "index.md")
