"""Names of Python for the names of a spec."""

from __future__ import annotations

import re
from keyword import iskeyword

# Names that the source may import.
_IMPORTED = ("F", "Any", "OrderedDict")


def class_name(name: str) -> str:
    """The name of a class.

    >>> class_name("conv_norm"), class_name("ResNet"), class_name("lenet5-1998"), class_name("3d-unet")
    ('ConvNorm', 'ResNet', 'Lenet5_1998', 'Network3dUnet')
    >>> class_name("none"), class_name("f")
    ('NetworkNone', 'NetworkF')
    """
    words = [word for word in re.split(r"\W|_", name) if word]
    text = ""
    for word in words:
        text += "_" if text[-1:].isdigit() and word[0].isdigit() else ""
        text += word[0].upper() + word[1:]
    is_free = text and not text[0].isdigit() and not iskeyword(text) and text not in _IMPORTED
    return text if is_free else f"Network{text}"
