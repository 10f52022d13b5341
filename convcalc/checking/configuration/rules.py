"""The kinds of configuration values about lint rules: their names, their severity and their options."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from convcalc.checking.configuration.kinds import Choice, FileContext, Table, WordList, one_or_more
from convcalc.checking.results import ADJUSTABLE, OFF
from convcalc.lint.option import PATTERN, share
from convcalc.lint.rules import RULES, find
from convcalc.problems import ERROR, WARNING, nearest
from convcalc.schema.fragments import Schema, reference
from convcalc.text.source import Mark, Value

RuleOptions = dict[str, dict[str, Fraction]]  # by rule, the values of its options as keyword arguments


class Rules:
    """Names of lint rules; `all` means every one."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> tuple[str, ...] | None:
        found: list[str] = []
        for name, place in WordList().read(value, mark, what, context) or ():
            if name == "all":
                found += RULES
            elif name in RULES:
                found.append(name)
            else:
                help = nearest(name, RULES) or "`convcalc rules` lists them"
                context.wrong_value(f"there is no rule `{name}`", place, help)
        return tuple(dict.fromkeys(found))

    def schema(self) -> Schema:
        return reference("rules")

    def definition(self) -> Schema:
        return one_or_more({"enum": ["all", *RULES]})


class Severities:
    """The severity of the findings of each rule."""

    def __init__(self) -> None:
        self.table = Table({rule: (Choice(ERROR, WARNING, OFF), "") for rule in ADJUSTABLE})

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> dict[str, str]:
        return self.table.read(value, mark, what, context) or {}

    def schema(self) -> Schema:
        return reference("severities")

    def definition(self) -> Schema:
        return self.table.schema()


class Share:
    """A share, written in per cent."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> Fraction | None:
        found = share(value)
        if found is None:
            context.wrong_value(f"{what} must be a share in per cent", mark, "as in 2%")
        return found

    def schema(self) -> Schema:
        return {"type": "string", "pattern": PATTERN}


class OptionsOfRules:
    """The options of each rule that has some."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> RuleOptions:
        read = self.table.read(value, mark, what, context) or {}
        return {
            rule: {option.keyword: options[option.name] for option in find(rule).options if option.name in options}
            for rule, options in read.items()
        }

    def schema(self) -> Schema:
        return reference("options")

    def definition(self) -> Schema:
        return self.table.schema()

    @cached_property
    def table(self) -> Table:
        """The table of the options. It is made at its first use, because it imports all rules."""
        options = {rule: find(rule).options for rule in RULES}
        return Table(
            {
                rule: (Table({option.name: (Share(), option.help) for option in each}), "")
                for rule, each in options.items()
                if each
            }
        )
