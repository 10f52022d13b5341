"""The forms of the screen: the fields of an entry or of the network, and the edit behind each."""

from __future__ import annotations

from typing import Protocol

from convcalc.arith.shape import format_shape
from convcalc.editor import EditField, Outcome, Session
from convcalc.errors import UsageError
from convcalc.render.report import inputs

NAME = "name"
VARIANT = "variant"
NO_VARIANT = "the file itself"


class Form(Protocol):
    """A list of fields and the edit behind each."""

    def title(self) -> str:
        """The title: the entry or the network, and how many layers an edit changes."""

    def fields(self) -> list[EditField]:
        """The fields with their present values. Raises UsageError where the entry cannot be edited."""

    def set(self, key: str, text: str) -> Outcome:
        """Set a field to the typed text; an empty text removes the key."""


class LayerForm:
    """The fields of the entry that makes a layer, or a block."""

    def __init__(self, session: Session, layer: str) -> None:
        self.session = session
        self.layer = layer

    def title(self) -> str:
        try:
            places = self.session.places(self.layer)
            type_name = self.session.entry(self.layer).type
        except UsageError as error:
            return str(error)
        many = f": the entry makes {len(places)} layers, and an edit changes all" if len(places) > 1 else ""
        return f"{self.layer} ({type_name}){many}"

    def fields(self) -> list[EditField]:
        return self.session.fields(self.layer)

    def set(self, key: str, text: str) -> Outcome:
        if key == NAME:
            return self.session.rename(self.layer, text)
        if not text:
            return self.session.unset(self.layer, key)
        return self.session.set(self.layer, key, text, merge_key=f"{self.layer} {key}")


class NetworkForm:
    """The input, the params and the variant of the network."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def title(self) -> str:
        return f"{self.session.label}: input, params and variant"

    def fields(self) -> list[EditField]:
        session = self.session
        shapes = {} if session.report is None else session.report.inputs
        shown = inputs(shapes) if shapes else ""
        if len(shapes) > 1:
            shown = ",".join(f"{name}={format_shape(shape)}" for name, shape in shapes.items())
        fields = [EditField("input", written=shown, value=shown, required=True,
                        help="channels, height, width: 3x224x224, or [3, =size, =size]")]  # fmt: skip
        for name, written in session.params().items():
            fields.append(EditField(name, written=written, value=None, required=True, help="a param of the file"))
        if session.variants:
            choices = [NO_VARIANT, *session.variants]
            shown = session.variant or NO_VARIANT
            fields.append(EditField(VARIANT, written=shown, value=shown, required=True, choices=choices,
                                help="the variant in view; the text does not change"))  # fmt: skip
        return fields

    def set(self, key: str, text: str) -> Outcome:
        if key == VARIANT:
            return self.session.set_variant(None if text == NO_VARIANT else text)
        if key == "input":
            return self.session.set_input(text, merge_key="input")
        return self.session.set_param(key, text, merge_key=f"param {key}")
