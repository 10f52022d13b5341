"""Parameters of PyTorch, Keras, ONNX and common shorthand, with our parameters for them.

Words are compared without case and underscores.
"""

from __future__ import annotations

# The parameters of each layer, and the words for each; the first that a type has is meant.
PARAMETERS: dict[str, str] = {
    "out_channels": "filters channels out_ch num_filters nb_filter features out out_planes planes num_output n_filters"
                    " output_channels out_dim c_out cout width depth n_out ch c",
    "out_features": "units size features out outputs num_outputs num_output num_classes n_classes classes hidden"
                    " neurons out_dim output_dim output_size hidden_size out_channels n_out nodes num_units",
    "hidden_size": "units hidden_dim hidden num_units n_hidden",
    "hidden_channels": "filters out_channels channels hidden_dim hidden_size",
    "kernel_size": "kernel kernel_shape ksize k filter_size pool_size window size filter window_size window_shape ks f"
                   " kernel_dim",
    "stride": "strides subsample step s down_stride",
    "padding": "pad pads p border_mode paddings zero_padding",
    "dilation": "dilation_rate dilations atrous rate d",
    "groups": "group num_groups g n_groups cardinality",
    "num_groups": "groups group g n_groups",
    "bias": "use_bias has_bias with_bias bias_term no_bias",
    "p": "rate prob drop_prob drop_rate dropout ratio dropout_rate probability",
    "dropout": "attn_drop dropout_rate attention_dropout p rate",
    "eps": "epsilon",
    "affine": "scale elementwise_affine learnable",
    "negative_slope": "alpha slope",
    "alpha": "slope",
    "axis": "dim axes axes_ dims normalize_axis",
    "axes": "dims perm permutation order axis dim",
    "start_axis": "start_dim axis",
    "end_axis": "end_dim",
    "shape": "target_shape size new_shape output_shape unflattened_size sizes dims",
    "scale_factor": "scale scales factor size ratio upscale stride",
    "size": "output_size target_size shape n local_size",
    "output_size": "size output_shape target_size",
    "mode": "interpolation method pad_mode padding_mode",
    "upscale_factor": "block_size scale scale_factor factor blocksize",
    "downscale_factor": "block_size scale scale_factor factor blocksize",
    "num_heads": "heads nhead n_heads head num_query_heads n_head",
    "num_kv_heads": "kv_heads num_key_value_heads n_kv_heads",
    "head_dim": "key_dim dim_head d_head head_size",
    "value_dim": "v_dim d_v",
    "num_embeddings": "vocab_size input_dim num_tokens vocab n_vocab vocabulary_size",
    "embedding_dim": "output_dim embed_dim dim d_model features embedding_size hidden_size",
    "num_layers": "layers n_layers depth",
    "bidirectional": "bidir",
    "keepdim": "keep_dims keepdims",
    "cropping": "crop border",
    "value": "constant_values fill constant",
    "ceil_mode": "ceil round_up",
    "causal": "is_causal use_causal_mask",
    "index": "idx",
    "chunks": "num_chunks n parts",
    "multiply": "scale factor",
    "add": "offset",
    "min": "min_value minimum low",
    "max": "max_value maximum high",
    "shifts": "shift",
    "from": "input inputs inbound_nodes bottom prev source src parents parent read reads froms f from_ after",
    "name": "id label key title tag alias as",
    "repeat": "n times count number num repeats num_blocks num_repeats copies depth blocks",
    "tied": "share shared weight_tying tie share_weights weights",
    "when": "if condition enabled",
    "trainable": "requires_grad frozen freeze",
    "layers": "body children main blocks modules children_ entries",
    "shortcut": "skip downsample projection",
    "branches": "paths towers",
    "merge": "mode op combine",
}  # fmt: skip

# Parameters that follow from the input.
FROM_INPUT = (
    "in_channels in_features input_dim num_features input_size in_dim input_channels in_ch in_planes inplanes "
    "embed_dim d_model num_channels n_in c_in cin c1 in_size in1_features input_features kdim vdim num_input_channels "
    "channels input_shape batch_input_shape features dim hidden_dim"
)
# Parameters that change no figure.
NO_FIGURE = (
    "inplace dtype device data_format seed noise_shape batch_first fused momentum eps epsilon generator memory_format "
    "batch_size return_indices return_state stateful unroll go_backwards time_major use_cudnn gain init std "
    "implementation reset_after recurrent_dropout mask_zero sparse max_norm norm_type scale_grad_by_freq autocast "
    "quantize weight_decay lr need_weights average_attn_weights recompute_scale_factor antialias activity_regularizer "
    "constraint track_running_stats renorm virtual_batch_size input_length debug_name"
)
# Ends of such parameters.
NO_FIGURE_ENDINGS = ("initializer", "regularizer", "constraint", "filler", "init")

PARAMETER_ADVICE: dict[str, str] = {
    "return_sequences": "leave it out: every step is in its output; for the last one add "
                        "`- select: {axis: 0, index: -1}`",
    "padding_mode": "write a pad before it: `- pad: {padding: …, mode: reflect}`",
    "auto_pad": "write `padding: same`",
    "depth_multiplier": "write the product: `out_channels: =2 * in_channels, groups: =in_channels`",
    "data_format": "leave it out: shapes are channels first, [channels, height, width]",
    "input_shape": "write it once, at the top of the file: `input: [channels, height, width]`",
    "batch_input_shape": "write it once, at the top of the file: `input: [channels, height, width]`",
    "dim0": "write both axes, counted without the batch: `axes: [0, 1]`",
    "dim1": "write both axes, counted without the batch: `axes: [0, 1]`",
    "axis": "leave it out: channels are the first axis",
    "center": "write `bias: false` where it is false, and leave it out otherwise",
    "batch_norm": "an entry of its own after it: `- batch_norm2d`",
    "bn": "an entry of its own after it: `- batch_norm2d`",
    "norm": "an entry of its own after it: `- batch_norm2d`",
    "norm_layer": "an entry of its own after it: `- batch_norm2d`",
    "batch_normalize": "an entry of its own after it: `- batch_norm2d`",
    "dropout": "an entry of its own after it: `- dropout: {p: 0.5}`",
    "type": "the type is the key of the entry: `- conv2d: {…}`",
    "output_shape": "leave it out: it follows from the input and the parameters",
    "global_pool": "write `- global_avg_pool`",
    "unbiased": "write `correction: 1`, or 0 where it is false",
}  # fmt: skip
_PADS = "write the cells as `padding: 1`, and how they are filled as `padding_mode: {}`"
# Words for the value of a parameter, our parameter that says it, and what to write.
VALUES: dict[tuple[str, str], tuple[str, str]] = {
    ("padding", "causal"): ("causal", "write `causal: true`"),
    ("padding", "reflect"): ("padding_mode", _PADS.format("reflect")),
    ("padding", "replicate"): ("padding_mode", _PADS.format("replicate")),
    ("padding", "circular"): ("padding_mode", _PADS.format("circular")),
    ("padding", "zeros"): ("padding_mode", "write the cells as a number: `padding: 1`"),
    ("merge", "sum"): ("merge", "write `merge: add`"),
    ("merge", "plus"): ("merge", "write `merge: add`"),
    ("merge", "cat"): ("merge", "write `merge: concat`"),
    ("merge", "stack"): ("merge", "write `merge: concat`"),
    ("merge", "product"): ("merge", "write `merge: mul`"),
    ("merge", "multiply"): ("merge", "write `merge: mul`"),
    ("groups", "depthwise"): ("groups", "write `groups: =in_channels`"),
    ("padding", "auto"): ("padding", "write `padding: same`"),
    ("padding", "same_upper"): ("padding", "write `padding: same`"),
    ("padding", "same_lower"): ("padding", "write `padding: same`"),
}
# Parameters that say the opposite of ours.
OPPOSITE = "no_bias frozen freeze"
# Parameters with the name of a function, which is an entry of its own here.
FUNCTIONS = "activation act nonlinearity activation_fn act_layer act_fn hidden_act activation_layer"

# The keys of a word whose meaning is not that of the same key of our type.
RENAMED: dict[str, dict[str, str]] = {
    "up_sampling": {"size": "scale_factor"},
    "dense": {"features": "out_features"},
    "conv_transpose": {"output_shape": "output_size"},
}
# Parameters that count axes with the batch, or from 1: their values are not carried over.
COUNTED_WITH_BATCH = frozenset(("dim", "dims", "start_dim", "end_dim", "dim0", "dim1", "target_shape", "axis"))

# The keys of a file, and the words for each.
TOP_LEVEL: dict[str, str] = {
    "layers": "model network backbone net architecture modules nodes encoder features layer sequential structure head",
    "input": "input_shape input_size shape image_size inputs in_shape input_dim image input_dims",
    "params": "variables vars constants hyperparameters args config parameters defaults settings",
    "blocks": "templates definitions functions block macros",
    "outputs": "output out",
    "include": "imports import includes extends base",
    "expect": "expected assert asserts",
    "variants": "versions scales sizes",
    "name": "title model_name",
    "source": "reference paper citation",
}
