"""What the words of a spec mean, beside the layer kinds: what `convcalc layers WORD` prints and editors show.

A page is a sentence and, where there is more to say, an example of YAML.
"""

from __future__ import annotations

TOP_LEVEL = {
    "name": "The network's name.",
    "description": "What it is, in a sentence.",
    "source": "The paper or the code that the numbers come from.",
    "include": "Shipped specs by name, or files by path, whose params, blocks and custom types are brought in.",
    "input": "The shape it reads, without a batch axis: [C, H, W]; or a mapping of names to shapes.",
    "params": "Named values with their defaults, which expressions read and `--set` replaces.",
    "variants": "The members of a family: name to what each changes of the file. A target names one as FILE@VARIANT.",
    "blocks": "Lists of entries to be used under a name, with params of their own.",
    "custom": "Layer types by formulas; what they do not say is unknown.",
    "layers": "The entries, from input to output.",
    "outputs": "The names of the outputs; the last entry when absent.",
    "expect": "The figures that `convcalc check` holds against the report.",
}

BLOCK = {
    "params": "Its params with their defaults; null: must be given. A default may read the block's own input.",
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
    "buffers": "Elements kept but not learned, or several by name; none when absent.",
    "window": "What an output reads: pointwise, whole, or a window; of each input, in a list. Absent: not known.",
}

WINDOW = {
    "kernel_size": "Size of the window, in cells of the input.",
    "stride": "Distance between neighbouring windows.",
    "padding": "Cells around the input, as a convolution's.",
    "dilation": "Distance between neighbouring taps.",
}

VARIANT = {
    "params": "Params that have another value; each replaces the whole value.",
    "input": "Another input shape.",
    "expect": "The figures of this variant.",
    "description": "What sets it apart.",
}

BOUNDS = {"min": "The least that the figure may be.", "max": "The most that the figure may be."}

ENTRY_KEYS = {
    "name": """
        A name to read it by, unique in its scope and not starting with a digit. Unnamed entries are numbered by type.

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
        How many times it stands in a row, each with weights of its own. Copies are NAME.0, NAME.1, …; `index` counts
        them in expressions.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d: {name: stack, repeat: 3, out_channels: =16 * 2 ** index, kernel_size: 3}
        """,
    "rows": """
        A table as papers print it: the first row names the columns, and there is one copy for each further row. A
        column gives the parameter or key of its name a value, and is a name in expressions.

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
        Whether it is there at all: where false, an identity stands in its place.

        Example:
            input: [3, 32, 32]
            layers:
              - max_pool2d: {kernel_size: 2, when: =in_height > 16}
        """,
    "trainable": """
        Whether its parameters are trained; false counts them, and those inside a block or container, as frozen.

        Example:
            input: [3, 32, 32]
            layers:
              - conv2d: {out_channels: 16, kernel_size: 3, trainable: false}
        """,
    "tied": """
        The name of an earlier entry whose parameters it uses, counted once; true: all copies of it share one set.

        Example:
            input: [16, 32, 32]
            layers:
              - conv2d: {repeat: 3, tied: true, out_channels: 16, kernel_size: 3, padding: same}
        """,
}

CONTAINERS = {
    "sequential": """
        Entries one after the other. Its name is a level of their full names; without one it adds none.

        Example:
            input: [3, 32, 32]
            layers:
              - sequential:
                  name: features
                  layers:
                    - conv2d: {out_channels: 16, kernel_size: 3}
                    - relu
        """,
    "residual": """
        A body and a way around it, added. The sum is a row of its own, under the container's name.

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
        Branches that read the same input, merged. The merge is a row of its own, under the container's name.

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
        Brings in the params, blocks and custom types of other files: a shipped spec by name, or a file by its path from
        the folder of this one; several in a list. The params of the file itself replace those it includes.

        Example:
            include: resnet
            input: [64, 56, 56]
            params: {base_width: 128}
            layers:
              - bottleneck: {width: 64}
        """,
    "custom": """
        Layer types of the file's own, each by formulas over its params, the shapes of its inputs (in_shape,
        in_channels, in_height…) and, but for output_shape, that of its output (out_shape, out_height…). What it leaves
        out is unknown.

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
                absent: unknown, and so is the receptive field of what follows
        """,
}

CONTAINER_KEYS = {
    "layers": "The entries inside.",
    "shortcut": "The entries of the way around; an identity when absent.",
    "branches": "One list of entries for each branch; an empty one is an identity.",
    "merge": "How the branches are merged: concat, add or mul.",
    "axis": "The axis of a concat: 0, that of the channels, when absent.",
}


def page(word: str) -> str | None:
    """The text of a container, a section or an entry key, None for any other word."""
    return CONTAINERS.get(word) or ENTRY_KEYS.get(word) or SECTIONS.get(word)


def summary(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.strip().split("\n\n")[0].split())
