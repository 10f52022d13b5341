"""Changes of specs at random; whoever has the chance that was used has the change again."""

from __future__ import annotations

import random

from tests.fuzz import seeds
from tests.fuzz.text_edits import changed_text, encoded
from tests.fuzz.tree_edits import changed_structure


def mutated(chance: random.Random) -> bytes:
    """A spec that was changed some times, in its structure, its text or both."""
    text = seeds.pick(chance)
    if chance.random() < 0.7:
        text = changed_structure(text, chance)
        if chance.random() < 0.8:
            return encoded(text)
    return changed_text(text, chance)
