"""Layers on tokens and sequences: attention, recurrence, learned tensors."""

from __future__ import annotations

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, torch_class

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


@builds("window_attention")
def window_attention(call: LayerCall) -> TorchLayer:
    """Liu et al. 2021 (Swin) on [H, W, C]; the map is padded to whole windows, as in the authors' code.

    A shift moves cells between windows and changes no figure. The position of each pair of cells in the bias
    table is a buffer.
    """
    height, width, channels = call.shape
    side = call.require("window_size")
    rows, columns = (side, side) if isinstance(side, int) else side
    call.take("shift_size", 0)
    heads, bias = call.positive("num_heads"), call.take("bias", True)
    if channels % heads:
        raise ValueError(f"{heads} heads do not divide {channels} channels")
    projection_in = torch.nn.Linear(channels, 3 * channels, bias=bias)
    projection_out = torch.nn.Linear(channels, channels, bias=bias)
    bias_table = torch.nn.Parameter(torch.zeros((2 * rows - 1) * (2 * columns - 1), heads))
    position_index = torch.zeros((rows * columns) ** 2)
    padding = (0, 0, 0, -width % columns, 0, -height % rows)

    def forward(image: torch.Tensor) -> torch.Tensor:
        image = torch.nn.functional.pad(image, padding)
        across, down = image.shape[2] // columns, image.shape[1] // rows
        windows = image.reshape(down, rows, across, columns, channels).transpose(1, 2)
        tokens = windows.reshape(down * across, rows * columns, channels)
        query, key, value = (
            part.reshape(*tokens.shape[:2], heads, -1).transpose(1, 2)
            for part in projection_in(tokens).chunk(3, dim=-1)
        )
        attended = (query @ key.transpose(-2, -1)).softmax(-1) @ value
        output = projection_out(attended.transpose(1, 2).reshape(tokens.shape))
        mosaic = output.reshape(down, across, rows, columns, channels).transpose(1, 2)
        padded: torch.Tensor = mosaic.reshape(1, down * rows, across * columns, channels)
        return padded[:, :height, :width]

    owned = (*projection_in.parameters(), *projection_out.parameters(), bias_table)
    return TorchLayer(forward, owned, (position_index,))


@builds("lstm", "gru", "rnn")
def recurrent(call: LayerCall) -> TorchLayer:
    names = ("num_layers", "bias", "dropout", "bidirectional", "proj_size", "nonlinearity")
    settings = {name: call.take(name, None) for name in names}
    given = {name: value for name, value in settings.items() if value is not None}
    module = torch_class(call.kind)(call.shape[-1], call.positive("hidden_size"), batch_first=True, **given)
    return TorchLayer.of(module, lambda sequence: module(sequence)[0])
