"""Random expressions: the grammar of the language, and what lies just outside of it."""

from __future__ import annotations

import random

ATOMS = (
    "0", "1", "2", "3", "7", "64", "-1", "1.5", "1e308", "1e-308", "1e400", "0x10", "9" * 30, "9" * 120, "10**40",
    "True",
    "False", "None", "'a'", "'a' * 9", "[]", "[1, 2]", "[[1], [2]]", "()", "index", "row", "n", "width", "in_shape",
    "in_channels", "in_features", "in_height", "in_width", "out_shape", "out_channels", "nope", "é", "1j", "...",
    "b'x'",
    "1_000", "inf", "nan", "__import__", "x.y", "in_shape[0]", "in_shape[-1]", "in_shape[9]", "in_shape[1:]",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "<", "<=", "==", "!=", ">", "and", "or", "in", "is", "<<", "|", "@")
FUNCTIONS = (
    "min",
    "max",
    "abs",
    "int",
    "round",
    "floor",
    "ceil",
    "sqrt",
    "len",
    "sum",
    "divisible",
    "print",
    "eval",
    "range",
)
DEEPEST = 60


def expression(chance: random.Random) -> str:
    """An expression: mostly a few terms, at times a deep one or a long chain."""
    kind = chance.random()
    if kind < 0.06:
        depth = chance.choice((20, DEEPEST, 400))
        opening, closing = chance.choice((("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("max(1, ", ")"), ("~", "")))
        return opening * depth + chance.choice(ATOMS) + closing * depth
    if kind < 0.12:
        return f" {chance.choice(OPERATORS)} ".join(chance.choice(ATOMS) for _ in range(chance.choice((9, 60, 400))))
    return _term(chance, chance.choice((1, 1, 2, 2, 3, 5)))


def _term(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(ATOMS)
    one, other, third = (_term(chance, chance.randrange(depth)) for _ in range(3))
    return chance.choice((
        f"{one} {chance.choice(OPERATORS)} {other}",
        f"({one}) {chance.choice(OPERATORS)} ({other})",
        f"{one} {chance.choice(OPERATORS)} {other} {chance.choice(OPERATORS)} {third}",
        f"({one})**({other})",
        f"{chance.choice(FUNCTIONS)}({one})",
        f"{chance.choice(FUNCTIONS)}({one}, {other})",
        f"{one} if {other} else {third}",
        f"[{one}, {other}]",
        f"[{one}] * ({other})",
        f"({one})[{other}]",
        f"-({one})",
        f"not {one}",
        f"lambda: {one}",
        f"[{one} for x in {other}]",
        f"{one}.{other}",
    ))  # fmt: skip
