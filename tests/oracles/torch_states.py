"""Recurrences step by step: states that are maps, Mamba's scan; and bags of embeddings."""

from __future__ import annotations

import math
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, ranks, torch_class
from tests.oracles.torch_windows import Window, pad_cells

builds = Register()


@builds(*ranks("conv_lstm"), *ranks("conv_gru"))
def convolutional_recurrence(call: LayerCall) -> TorchLayer:
    """Keras's ConvLSTM, and Ballas's ConvGRU: one convolution of all gates for the frame, and for the state."""
    steps, frame = call.shape[0], call.shape[1:]
    if len(frame) != call.rank + 1:
        raise ValueError(f"{call.kind} reads a sequence of maps, not {call.shape}")
    frames = LayerCall(call.kind, {name: call.take(name, None) for name in _WINDOW}, [frame])
    window = Window.take(frames)
    pairs = window.padding(frames)
    hidden, gates = call.positive("hidden_channels"), 4 if "lstm" in call.kind else 3
    build = torch_class(f"conv{call.rank}d")
    bias = call.take("bias", True)
    inputs = build(frame[0], gates * hidden, window.kernel, stride=window.stride, dilation=window.dilation, bias=bias)
    is_sequence, layers = call.take("return_sequences", True), call.take("num_layers", 1)
    if layers < 1:
        raise ValueError("no layer")
    # Each layer reads maps of states, which it pads to keep their size.
    later = [build(hidden, gates * hidden, window.kernel, padding="same", bias=bias) for _ in range(layers - 1)]
    reading = [inputs, *later]
    states = [build(hidden, gates * hidden, window.kernel, padding="same", bias=False) for _ in range(layers)]

    def run(maps: list[torch.Tensor], of_map: Any, of_state: Any) -> list[torch.Tensor]:
        found: list[torch.Tensor] = []
        for each in maps:
            gated = of_map(each)
            state = found[-1] if found else torch.zeros_like(gated[:, :hidden])
            found.append((gated + of_state(state))[:, :hidden].tanh())
        return found

    def forward(sequence: torch.Tensor) -> torch.Tensor:
        maps = [pad_cells(sequence[:, step], pairs) for step in range(steps)]
        for of_map, of_state in zip(reading, states, strict=True):
            maps = run(maps, of_map, of_state)
        return torch.stack(maps, 1) if is_sequence else maps[-1]

    return TorchLayer.of(torch.nn.ModuleList([*reading, *states]), forward)


_WINDOW = ("kernel_size", "stride", "padding", "dilation")


@builds("selective_scan")
def selective_scan(call: LayerCall) -> TorchLayer:
    """selective_scan_ref of state-spaces/mamba on [L, features]; each product of the recurrence is one of matrices."""
    shapes = call.input_shapes
    (length, features), (rows, state) = shapes[0], shapes[2]
    is_joined = shapes[3] != (length, state)
    between = ([(length, state)] * 2, [(length, max(shapes[3][-1], 2 * state))])[is_joined]
    wanted = [(length, features), (length, features), (features, state), *between, (features,)]
    if rows != features or shapes not in (wanted, wanted[:-1]):
        raise ValueError("shapes of a scan")

    def forward(*tensors: torch.Tensor) -> torch.Tensor:
        u, delta, decay, *others = (tensor[0] for tensor in tensors)
        if is_joined:
            others = [others[0][:, -2 * state : -state], others[0][:, -state:], *others[1:]]
        memory = torch.zeros(features * state, 1, 1)
        steps = []
        for step in range(length):
            kept = torch.exp(delta[step, :, None] * decay).reshape(-1, 1, 1)
            taken = (delta[step] * u[step])[:, None] * others[0][step]
            memory = torch.baddbmm(taken.reshape(-1, 1, 1), kept, memory)
            steps.append(memory.reshape(features, state) @ others[1][step][:, None])
        output = torch.stack(steps)[..., 0]
        return (output + others[2] * u if others[2:] else output).unsqueeze(0)

    return TorchLayer(forward)


@builds("embedding_bag")
def embedding_bag(call: LayerCall) -> TorchLayer:
    if len(call.shape) != 1:
        raise ValueError("a bag is a row of indices")
    settings = call.arguments(torch.nn.EmbeddingBag)
    if math.prod(call.shape) < 1 or min(settings["num_embeddings"], settings["embedding_dim"]) < 1:
        raise ValueError("nothing to look up")
    bag = torch.nn.EmbeddingBag(**settings)
    return TorchLayer.of(bag, lambda indices: bag(indices.long()))
