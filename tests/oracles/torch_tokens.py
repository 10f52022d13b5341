"""Layers on tokens and sequences: attention, recurrence, learned tensors."""

from __future__ import annotations

from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, per_axis, torch_class

builds = Register()


@builds("class_token")
def class_token(call: LayerCall) -> TorchLayer:
    token = torch.nn.Parameter(torch.zeros(1, 1, call.shape[-1]))
    return TorchLayer(lambda tokens: torch.cat([token, tokens], dim=1), (token,))


@builds("positional_embedding")
def positional_embedding(call: LayerCall) -> TorchLayer:
    table = torch.nn.Parameter(torch.zeros(1, *call.shape))
    return TorchLayer(lambda tokens: tokens + table, (table,))


@builds("parameter")
def parameter(call: LayerCall) -> TorchLayer:
    tensor = torch.nn.Parameter(torch.zeros(1, *call.require("shape")))
    return TorchLayer(lambda *_inputs: tensor, (tensor,))


@builds("multihead_attention")
def multihead_attention(call: LayerCall) -> TorchLayer:
    """Query, key and value, each an input; the last input stands for those that are not given."""
    if min(map(len, call.input_shapes)) < 2 or len({shape[:-2] for shape in call.input_shapes}) > 1:
        raise ValueError(f"{call.kind} reads sequences of tokens, not {call.input_shapes}")
    heads = call.positive("num_heads")
    widths = {
        name: call.take(name, None) for name in ("head_dim", "value_dim", "num_kv_heads", "qkv_bias", "proj_bias")
    }
    causal = call.take("causal", False)
    if any(value is not None for value in widths.values()):
        return _projected_attention(call, heads, widths, causal)
    attention = torch.nn.MultiheadAttention
    sizes = {"kdim": call.input_shapes[1:2], "vdim": call.input_shapes[-1:]}
    settings = {name: shape[0][-1] for name, shape in sizes.items() if shape and len(call.input_shapes) > 1}
    settings |= call.arguments(attention)
    module = attention(call.shape[-1], heads, batch_first=True, **settings)

    def forward(*inputs: torch.Tensor) -> torch.Tensor:
        query, key, value = (each.flatten(0, -3) for each in (*inputs, inputs[-1], inputs[-1])[:3])
        mask = torch.ones(query.shape[-2], key.shape[-2]).triu(1).bool() if causal else None
        output: torch.Tensor = module(query, key, value, attn_mask=mask)[0]
        return output.reshape(inputs[0].shape)

    return TorchLayer.of(module, forward)


def _projected_attention(call: LayerCall, heads: int, given: dict[str, Any], causal: bool) -> TorchLayer:
    """Attention of four linear layers whose inner widths are given."""
    query_shape, key_shape, value_shape = (*call.input_shapes, call.input_shapes[-1], call.input_shapes[-1])[:3]
    embed_dim, bias = query_shape[-1], call.take("bias", True)
    if given["head_dim"] is None and embed_dim % heads:
        raise ValueError(f"{heads} heads do not divide {embed_dim} features")
    wide = given["head_dim"] or embed_dim // heads
    value_wide = given["value_dim"] or wide
    groups = heads if given["num_kv_heads"] is None else given["num_kv_heads"]
    if groups < 1 or heads % groups or call.take("add_bias_kv", False) or call.take("add_zero_attn", False):
        raise ValueError("heads of keys and values do not divide those of queries, or learned keys")
    biases = {name: bias if given[name] is None else given[name] for name in ("qkv_bias", "proj_bias")}
    query = torch.nn.Linear(embed_dim, heads * wide, bias=biases["qkv_bias"])
    key = torch.nn.Linear(key_shape[-1], groups * wide, bias=biases["qkv_bias"])
    value = torch.nn.Linear(value_shape[-1], groups * value_wide, bias=biases["qkv_bias"])
    out = torch.nn.Linear(heads * value_wide, embed_dim, bias=biases["proj_bias"])

    def split(tensor: torch.Tensor, count: int) -> torch.Tensor:
        cut = tensor.reshape(*tensor.shape[:-1], count, -1)
        return cut.transpose(-2, -3).repeat_interleave(heads // count, -3)

    def forward(*inputs: torch.Tensor) -> torch.Tensor:
        first, second, third = (*inputs, inputs[-1], inputs[-1])[:3]
        scores = split(query(first), heads) @ split(key(second), groups).transpose(-2, -1)
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), float("-inf"))
        mixed = scores.softmax(-1) @ split(value(third), groups)
        output: torch.Tensor = out(mixed.transpose(-2, -3).flatten(-2))
        return output

    return TorchLayer.of(torch.nn.ModuleList([query, key, value, out]), forward)


@builds("window_attention", "window_attention_v2", "grid_attention")
def window_attention(call: LayerCall) -> TorchLayer:
    """Swin's attention on [H, W, C], of its first and second version, and MaxViT's over a grid.

    A map is padded to whole windows, as in the authors' code; a grid is not. A shift moves cells between windows and
    changes no figure. The position of each pair of cells in the bias table is a buffer.
    """
    height, width, channels = call.shape
    rows, columns = per_axis(call.require("window_size"), 2)
    shifts = per_axis(call.take("shift_size", 0), 2)
    if not (0 <= shifts[0] < rows and 0 <= shifts[1] < columns):
        raise ValueError(f"windows of {rows}x{columns} shifted by {shifts}")
    heads = call.positive("num_heads")
    if channels % heads:
        raise ValueError(f"{heads} heads do not divide {channels} channels")
    projection_in = torch.nn.Linear(channels, 3 * channels, bias=call.take("qkv_bias", True))
    projection_out = torch.nn.Linear(channels, channels, bias=call.take("proj_bias", True))
    bias = _PositionBias(call.kind == "window_attention_v2", rows, columns, heads)
    padding = (0, 0) if call.kind == "grid_attention" else (-height % rows, -width % columns)

    def forward(image: torch.Tensor) -> torch.Tensor:
        image = torch.nn.functional.pad(image, (0, 0, 0, padding[1], 0, padding[0]))
        down, across = (height + padding[0]) // rows, (width + padding[1]) // columns
        if call.kind == "grid_attention":
            parts = image.reshape(rows, down, columns, across, channels).permute(1, 3, 0, 2, 4)
        else:
            parts = image.reshape(down, rows, across, columns, channels).permute(0, 2, 1, 3, 4)
        tokens = parts.reshape(down * across, rows * columns, channels)
        query, key, value = (
            part.reshape(*tokens.shape[:2], heads, -1).transpose(1, 2)
            for part in projection_in(tokens).chunk(3, dim=-1)
        )
        attended = (query @ key.transpose(-2, -1) + bias()).softmax(-1) @ value
        output = projection_out(attended.transpose(1, 2).reshape(tokens.shape))
        # Which cell goes where makes no difference to a shape.
        padded: torch.Tensor = output.reshape(1, down * rows, across * columns, channels)
        return padded[:, :height, :width]

    owned = (*projection_in.parameters(), *projection_out.parameters(), *bias.parameters())
    return TorchLayer(forward, owned, tuple(bias.buffers()))


class _PositionBias(torch.nn.Module):  # type: ignore[misc, unused-ignore]  # untyped where torch is not installed
    """A bias for each pair of a window's cells: from a table, or (version 2) from a network on how far apart they are.

    Version 2 also scales the cosine of each head.
    """

    index: torch.Tensor

    def __init__(self, computed: bool, rows: int, columns: int, heads: int) -> None:
        super().__init__()
        self.pairs = (heads, rows * columns, rows * columns)
        self.register_buffer("index", torch.zeros((rows * columns) ** 2, dtype=torch.int64))
        self.network: torch.nn.Module | None = None
        if computed:
            linear = torch.nn.Linear
            self.network = torch.nn.Sequential(linear(2, 512), torch.nn.ReLU(), linear(512, heads, bias=False))
            self.scale = torch.nn.Parameter(torch.ones(heads, 1, 1))
            self.register_buffer("offsets", torch.zeros(2 * rows - 1, 2 * columns - 1, 2))
        else:
            self.table = torch.nn.Parameter(torch.zeros((2 * rows - 1) * (2 * columns - 1), heads))

    def forward(self) -> torch.Tensor:
        table = self.table if self.network is None else self.network(self.offsets).flatten(0, 1)
        bias: torch.Tensor = table[self.index].T.reshape(self.pairs)
        return bias


@builds("lstm", "gru", "rnn")
def recurrent(call: LayerCall) -> TorchLayer:
    """On sequences; PyTorch would take a vector as a sequence without a batch."""
    if len(call.shape) < 2:
        raise ValueError(f"{call.kind} reads a sequence, not {call.shape}")
    names = ("num_layers", "bias", "dropout", "bidirectional", "proj_size", "nonlinearity")
    settings = {name: call.take(name, None) for name in names}
    given = {name: value for name, value in settings.items() if value is not None}
    is_single = given.get("bias") == "one"
    if is_single:
        given["bias"] = True
    module = torch_class(call.kind)(call.shape[-1], call.positive("hidden_size"), batch_first=True, **given)

    def forward(sequences: torch.Tensor) -> torch.Tensor:
        """Axes between the batch and the steps are so many sequences."""
        output: torch.Tensor = module(sequences.flatten(0, -3))[0]
        return output.reshape(*sequences.shape[:-1], -1)

    owned = [tensor for name, tensor in module.named_parameters() if not (is_single and name.startswith("bias_hh"))]
    module.eval()
    return TorchLayer(forward, tuple(owned))
