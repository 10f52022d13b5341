"""The meaning of each word of a spec, except the layer kinds: `convcalc layers WORD` prints it and editors show it.

A page is a sentence and, where needed, an example of YAML.
"""

from __future__ import annotations

TOP_LEVEL = {
    "name": "The network's name.",
    "description": "A sentence about the network.",
    "source": "The paper or the code that the numbers come from.",
    "include": "Shipped specs by name, or files by path: this file can use their params, blocks and custom types.",
    "input": "The shape of the input without a batch axis: [C, H, W]; or a mapping of names to shapes.",
    "params": "Named values with their defaults. Expressions read them and `--set` replaces them.",
    "variants": "The members of a family: for each name, what it changes of the file. FILE@VARIANT is its target.",
    "blocks": "Named lists of entries with params of their own, to be used as an entry.",
    "custom": "Layer types by formulas; a figure without a formula is unknown.",
    "layers": "The entries, from input to output.",
    "outputs": "The names of the outputs; the last entry when absent.",
    "expect": "The figures that `convcalc check` compares with the report.",
}

BLOCK = {
    "params": "Its params with their defaults; null: must be given. A default may read the shape of the block's input.",
    "inputs": "The names of its inputs; one, called input, when absent.",
    "layers": "Its entries. They see the block's params and inputs, and the spec's params.",
    "outputs": "Names of its entries, where it has several outputs; the last entry when absent.",
}

CUSTOM = {
    "params": BLOCK["params"],
    "inputs": "The names of its inputs; one, called input, when absent. Formulas read the shape of each as NAME_shape.",
    "output_shape": "The sizes of its output; its first input's when absent.",
    "parameters": "Its parameters by name, a name that ends in bias for biases; {}: none; absent: not known.",
    "macs": "Its multiply-accumulates, or several by name; 0: none; absent: not known.",
    "buffers": "Elements that are stored but not learned, or several by name; none when absent.",
    "window": "What an output reads: pointwise, whole, or a window; a list has one for each input. Absent: not known.",
}

WINDOW = {
    "kernel_size": "Size of the window, in cells of the input.",
    "stride": "Distance between neighbouring windows.",
    "padding": "Cells around the input, written as in a convolution.",
    "dilation": "Distance between neighbouring taps.",
}

VARIANT = {
    "params": "Params with another value, which replaces the whole value.",
    "input": "Another input shape.",
    "expect": "The figures of this variant.",
    "description": "What sets it apart.",
}

BOUNDS = {"min": "The smallest value that is allowed.", "max": "The largest value that is allowed."}

ENTRY_KEYS = {
    "name": """
        Its name, for references: unique in its scope, with no digit at the start, or a number in quotes.
        Unnamed entries are numbered by type.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d: {name: stem, out_channels: 16, kernel_size: 3}
        """,
    "from": """
        What it reads: a name or a list of names. `previous` is the entry before, `input` the scope's first input.

        Example:
            input: [16, 32, 32]
            layers:
              - conv2d: {name: body, out_channels: 16, kernel_size: 3, padding: 1}
              - add: {from: [previous, input]}
        """,
    "repeat": """
        The number of copies in a row, each with weights of its own. Copies are NAME.0, NAME.1, …; in expressions
        `index` is the number of the copy.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d: {name: stack, repeat: 3, out_channels: =16 * 2 ** index, kernel_size: 3}
        """,
    "rows": """
        A table as in a paper: the first row names the columns, and each further row makes one copy. A column sets the
        parameter or key of its name, and expressions can read it by that name.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d:
                  rows:
                    - [out_channels, kernel_size]
                    - [16, 5]
                    - [32, 3]
        """,
    "when": """
        Whether the entry is used; where false, an identity takes its place.

        Example:
            input: [3, 32, 32]
            layers:
              - max_pool2d: {kernel_size: 2, when: =in_height > 16}
        """,
    "trainable": """
        Whether its parameters are trained. With false they count as frozen, also those inside a block or container.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d: {out_channels: 16, kernel_size: 3, trainable: false}
        """,
    "tied": """
        The name of an earlier entry: both use the same parameters, which count once. true: all copies share one set.

        Example:
            input: [16, 32, 32]
            layers:
              - conv2d: {repeat: 3, tied: true, out_channels: 16, kernel_size: 3, padding: same}
        """,
}

CONTAINERS = {
    "sequential": """
        Entries one after the other. Its name, if it has one, becomes a level of their full names. With `numbered: true`
        entries without a name have the numbers of their places as names, as the members of PyTorch's Sequential:
        features.0, features.1, and so on. Each copy counts, and so do the entries of a sequential without a name in it.

        Example:
            input: [3, 32, 32]
            layers:
              - sequential:
                  name: features
                  numbered: true
                  layers:
                    - conv2d: {out_channels: 16, kernel_size: 3}
                    - relu
        """,
    "residual": """
        The sum of a body and a shortcut around it. The sum is a row of its own, with the container's name.

        Example:
            input: [16, 32, 32]
            layers:
              - residual:
                  layers:
                    - conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
                  shortcut:
                    - conv2d: {out_channels: 32, kernel_size: 1}
        """,
    "parallel": """
        Branches that read the same input, and their merge. The merge is a row of its own, with the container's name.

        Example:
            input: [16, 32, 32]
            layers:
              - parallel:
                  merge: concat
                  branches:
                    - [conv2d: {out_channels: 8, kernel_size: 1}]
                    - []
        """,
}

SECTIONS = {
    "include": """
        Makes the params, blocks and custom types of other files available: a shipped spec by name, or a file by its
        path from the folder of this one; several in a list. The params of this file replace included ones.

        Example:
            include: resnet
            input: [64, 56, 56]
            params: {base_width: 128}
            layers:
              - bottleneck: {width: 64}
        """,
    "custom": """
        Layer types that the file defines by formulas. A formula reads the params, the shapes of the inputs (in_shape,
        in_channels, in_height…) and, except output_shape, the shape of the output (out_shape, out_height…). A figure
        without a formula is unknown.

        Example:
            input: [3, 32, 32]
            custom:
              gated_conv:
                params: {out_channels: null, kernel_size: 3}
                output_shape: [=out_channels, =in_height - kernel_size + 1, =in_width - kernel_size + 1]
                parameters:
                  weight: =2 * out_channels * in_channels * kernel_size ** 2
                  bias: =2 * out_channels
                macs: =2 * out_channels * in_channels * kernel_size ** 2 * out_height * out_width
                window: {kernel_size: =kernel_size}
            layers:
              - gated_conv: {out_channels: 16}

        Parameters:
            params: names with their defaults; null: must be given
            inputs: list of names; default [input]
            output_shape: list of sizes; default the first input's
            parameters: numbers by name, or one; {} for none; absent: unknown
            macs: number, or several by name; 0 for none; absent: unknown
            buffers: number, or several by name; default 0
            window: pointwise, whole or {kernel_size, stride, padding, dilation}; a list has one for each input;
                absent: unknown, and the receptive fields of later layers are unknown too
        """,
}

CONTAINER_KEYS = {
    "layers": "The entries inside.",
    "shortcut": "The entries of the shortcut; an identity when absent.",
    "branches": "One list of entries for each branch; an empty list is an identity.",
    "merge": "How the branches are merged: concat, add or mul.",
    "axis": "The axis of a concat; 0, the channels, when absent.",
    "numbered": "Whether entries without a name are numbered by their places, as in PyTorch's Sequential.",
}


def page(word: str) -> str | None:
    """The text for a container, a section or an entry key; None for any other word."""
    return CONTAINERS.get(word) or ENTRY_KEYS.get(word) or SECTIONS.get(word)


def summary(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.strip().split("\n\n")[0].split())
