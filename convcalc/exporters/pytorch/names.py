"""Names of Python for the names of a spec."""

from __future__ import annotations

import re
from collections.abc import Collection
from keyword import iskeyword

# The attributes of torch.nn.Module and of its containers, which no module in it may have as its name.
TAKEN = frozenset((
    "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init", "children", "clear",
    "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extend", "extra_repr", "float", "forward",
    "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "insert", "ipu", "items", "keys",
    "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters",
    "parameters", "pop", "register_backward_hook", "register_buffer", "register_forward_hook",
    "register_forward_pre_hook", "register_full_backward_hook", "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
    "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_",
    "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train", "training", "type",
    "update", "values", "xpu", "zero_grad", "self", "torch", "nn", "F", "math", "batch",
    "_apply", "_backward_hooks", "_backward_pre_hooks", "_buffers", "_call_impl", "_compiled_call_impl",
    "_forward_hooks", "_forward_hooks_always_called", "_forward_hooks_with_kwargs", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_get_backward_hooks", "_get_backward_pre_hooks", "_get_item_by_idx",
    "_get_name", "_is_full_backward_hook", "_load_from_state_dict", "_load_state_dict_post_hooks",
    "_load_state_dict_pre_hooks", "_maybe_warn_non_full_backward_hook", "_modules", "_named_members",
    "_non_persistent_buffers_set", "_parameters", "_register_load_state_dict_pre_hook", "_register_state_dict_hook",
    "_replicate_for_data_parallel", "_save_to_state_dict", "_slow_forward", "_state_dict_hooks",
    "_state_dict_pre_hooks", "_version", "_wrapped_call_impl",
))  # fmt: skip


def safe(name: str, taken: Collection[str] = ()) -> str:
    """The name as an attribute of a module.

    >>> safe("conv-1"), safe("0"), safe("class"), safe("type"), safe("conv1"), safe("__call__")
    ('conv_1', 'layer_0', 'class_', 'type_', 'conv1', '_call__')
    """
    word = re.sub("^__+", "_", re.sub(r"\W", "_", name))  # Python changes a name with two before it
    if word[:1].isdigit():
        word = f"layer_{word}"
    while iskeyword(word) or word in TAKEN or word in taken:
        word += "_"
    return word


def safe_key(name: str) -> str:
    """The name as a key of a Sequential or a ModuleDict, which may be a number and have hyphens.

    >>> safe_key("block1-0"), safe_key("0"), safe_key("type")
    ('block1-0', '0', 'type_')
    """
    return name if name.replace("-", "").isdigit() or safe(name) == name.replace("-", "_") else safe(name)


def is_attribute(name: str) -> bool:
    """Whether Python can write the name behind a dot."""
    return name.isidentifier() and not iskeyword(name)
