"""Layers on tokens and sequences: attention, recurrence, learned tensors."""

from __future__ import annotations

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
    attention = torch.nn.MultiheadAttention
    if {len(shape) for shape in call.input_shapes} != {2}:
        raise ValueError(f"{call.kind} reads tokens, not {call.input_shapes}")
    heads = call.positive("num_heads")
    sizes = {"kdim": call.input_shapes[1:2], "vdim": call.input_shapes[-1:]}
    settings = {name: shape[0][-1] for name, shape in sizes.items() if shape and len(call.input_shapes) > 1}
    settings |= call.arguments(attention)
    module = attention(call.shape[-1], heads, batch_first=True, **settings)

    def forward(*inputs: torch.Tensor) -> torch.Tensor:
        query, key, value = (*inputs, inputs[-1], inputs[-1])[:3]
        output: torch.Tensor = module(query, key, value)[0]
        return output

    return TorchLayer.of(module, forward)


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
    """On [T, D]; PyTorch would take a vector as a sequence without a batch."""
    _steps, features = call.shape
    names = ("num_layers", "bias", "dropout", "bidirectional", "proj_size", "nonlinearity")
    settings = {name: call.take(name, None) for name in names}
    given = {name: value for name, value in settings.items() if value is not None}
    module = torch_class(call.kind)(features, call.positive("hidden_size"), batch_first=True, **given)
    return TorchLayer.of(module, lambda sequence: module(sequence)[0])
