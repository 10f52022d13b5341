"""Words of PyTorch, Keras, ONNX and common shorthand, with our words for them.

Words are compared without case, underscores, and the names of modules before a dot; `1d`, `2d` and `3d` are carried
over. Words that differ from ours only in that, such as `MaxPool2d`, are found by this rule and are not in the tables.
Only the help of a message and the completion of an unknown word load this module.
"""

from __future__ import annotations

from typing import Any

# Our types, and the words for each; a type with a rank is written without it.
TYPES: dict[str, str] = {
    "conv": "convolution conv_block convolutional fused_conv",
    "conv_transpose": "deconv deconvolution transposed_conv transpose_conv up_conv upconv convolution_transpose"
                      " fractionally_strided_conv",
    "locally_connected": "local local_conv",
    "deform_conv": "deformable_conv dcn",
    "conv_lstm": "conv_lstm_cell",
    "max_pool": "max_pooling maxpooling pool pooling max_pool_with_indices",
    "avg_pool": "average_pooling avg_pooling average_pool mean_pool mean_pooling",
    "adaptive_avg_pool": "adaptive_average_pooling adaptive_average_pool",
    "adaptive_max_pool": "adaptive_max_pooling",
    "global_avg_pool": "global_average_pooling global_average_pool global_pool global_pooling gap avgpool_global"
                       " global_avg_pooling",
    "global_max_pool": "global_max_pooling gmp",
    "max_unpool": "unpool unpooling max_unpooling",
    "linear": "dense fc fully_connected full_connected inner_product gemm innerproduct classifier lazy_linear"
              " affine",
    "embedding": "embed token_embedding lookup_table reversible_embedding",
    "batch_norm": "batch_normalization bn norm sync_batch_norm",
    "instance_norm": "instance_normalization",
    "layer_norm": "layer_normalization ln",
    "group_norm": "group_normalization gn",
    "rms_norm": "rms_normalization",
    "local_response_norm": "lrn local_response_normalization cross_map_lrn",
    "global_response_norm": "grn global_response_normalization",
    "normalize": "unit_normalization l2_norm l2_normalize",
    "silu": "swish",
    "hardswish": "hard_swish h_swish hswish hard_silu",
    "hardsigmoid": "hard_sigmoid h_sigmoid hsigmoid",
    "hardtanh": "hard_tanh",
    "leaky_relu": "lrelu lealy_relu leaky",
    "log_sigmoid": "logsigmoid",
    "sigmoid": "logistic",
    "softmax": "soft_max",
    "dropout": "drop gaussian_dropout",
    "drop_path": "stochastic_depth droppath",
    "add": "sum_layers shortcut eltwise elementwise_add plus",
    "sub": "subtract minus",
    "mul": "multiply times elementwise_mul",
    "div": "divide true_divide",
    "maximum": "element_max",
    "minimum": "element_min",
    "concat": "cat concatenate concatenation route merge",
    "matmul": "bmm mm dot batch_matmul",
    "scaled_dot_product_attention": "attention sdpa dot_product_attention luong_attention",
    "multihead_attention": "multi_head_attention self_attention mha msa multi_headed_attention"
                           " multi_head_self_attention group_query_attention",
    "mean": "reduce_mean",
    "sum": "reduce_sum",
    "max": "reduce_max amax",
    "min": "reduce_min amin",
    "prod": "reduce_prod",
    "norm": "reduce_l2",
    "clamp": "clip clip_by_value clamp_min clamp_max",
    "scalar": "scale rescaling mul_scalar add_scalar",
    "constant": "constant_of_shape buffer",
    "transpose": "swapaxes swap_axes",
    "permute": "permute_dims perm movedim moveaxis rearrange",
    "reshape": "view resize_tensor",
    "flatten": "ravel flat",
    "squeeze": "drop_axis",
    "unsqueeze": "expand_dims",
    "expand": "broadcast_to broadcast expand_as",
    "tile": "repeat_vector repeat_tensor",
    "slice": "strided_slice narrow",
    "split": "tensor_split",
    "index_select": "take",
    "crop": "cropping",
    "pad": "padding",
    "upsample": "up_sampling upsampling interpolate resize up resizing",
    "pixel_shuffle": "depth_to_space sub_pixel_conv",
    "pixel_unshuffle": "space_to_depth",
    "channel_shuffle": "shuffle_channels native_channel_shuffle",
    "rnn": "simple_rnn elman_rnn rnn_base rnn_cell_base",
    "unfold": "im2col extract_image_patches",
    "fold": "col2im",
    "identity": "noop no_op pass linear_activation passthrough stop_gradient detach contiguous cast",
    "class_token": "cls_token",
    "positional_embedding": "position_embedding positional_encoding pos_embed",
    "layer_scale": "gamma",
    "parameter": "parameter_list weight",
    "sequential": "model module_list container stage functional chain",
    "residual": "res_block residual_block skip skip_connection",
    "parallel": "branch branches inception",
}  # fmt: skip

_DEPTHWISE = {"out_channels": "=in_channels", "groups": "=in_channels"}
# Words that also say the values of parameters.
WITH_KEYS: dict[str, tuple[str, dict[str, Any]]] = {
    "depthwise_conv": ("conv", _DEPTHWISE),
    "depthwise": ("conv", _DEPTHWISE),
    "dw_conv": ("conv", _DEPTHWISE),
    "dwconv": ("conv", _DEPTHWISE),
    "pointwise_conv": ("conv", {"kernel_size": 1}),
    "conv_1x1": ("conv", {"kernel_size": 1}),
    "conv_3x3": ("conv", {"kernel_size": 3, "padding": 1}),
    "dilated_conv": ("conv", {"dilation": 2}),
    "atrous_conv": ("conv", {"dilation": 2}),
    "grouped_conv": ("conv", {"groups": 2}),
    "reflection_pad": ("pad", {"mode": "reflect"}),
    "reflect_pad": ("pad", {"mode": "reflect"}),
    "replication_pad": ("pad", {"mode": "replicate"}),
    "circular_pad": ("pad", {"mode": "circular"}),
    "zero_pad": ("pad", {}),
    "zero_padding": ("pad", {}),
    "constant_pad": ("pad", {}),
    "upsampling_bilinear": ("upsample", {"mode": "bilinear", "align_corners": True}),
    "upsample_bilinear": ("upsample", {"mode": "bilinear", "align_corners": True}),
    "upsampling_nearest": ("upsample", {"mode": "nearest"}),
    "upsample_nearest": ("upsample", {"mode": "nearest"}),
    "bi_lstm": ("lstm", {"bidirectional": True}),
    "bi_gru": ("gru", {"bidirectional": True}),
    "lstm_cell": ("lstm", {}),
    "gru_cell": ("gru", {}),
    "rnn_cell": ("rnn", {}),
    "simple_rnn_cell": ("rnn", {}),
    "spatial_dropout": ("dropout", {}),
    "silence": ("identity", {}),
}

_LOSS = "a loss is not part of the network: leave it out"
_TRAINING = "it acts in training alone and changes no figure: leave it out"
_DATA = "it prepares the data and is not part of the network: leave it out"
_SEPARABLE = (
    "write two convolutions: one with `out_channels: =in_channels, groups: =in_channels`, then one with"
    " `kernel_size: 1`"
)
_SQUEEZE = (
    "write it as a block: global_avg_pool, two conv2d with `kernel_size: 1`, and mul;"
    " `convcalc count mobilenet_v3` has one"
)
_WRAPPER = "write the layer inside it as the entry"
_TRANSFORMER = "write it as a block: multihead_attention, layer_norm and linear, as `convcalc count vit` shows"
# Words for which we have no type, and what to write.
ADVICE: dict[str, str] = {
    "input": "write the shape at the top of the file: `input: [3, 32, 32]`",
    "input_layer": "write the shape at the top of the file: `input: [3, 32, 32]`",
    "placeholder": "write the shape at the top of the file: `input: [3, 32, 32]`",
    "output": "the last entry is the output; `outputs: [NAME]` at the top of the file names others",
    "separable_conv": _SEPARABLE,
    "separable_convolution": _SEPARABLE,
    "xception_conv": _SEPARABLE,
    "activation": "write the function itself as an entry: `- relu`",
    "act": "write the function itself as an entry: `- relu`",
    "bidirectional": "write it as a parameter: `- lstm: {hidden_size: …, bidirectional: true}`",
    "time_distributed": "write `leading_axes: 1` into the layer; linear needs nothing",
    "se_block": _SQUEEZE,
    "se_layer": _SQUEEZE,
    "squeeze_excitation": _SQUEEZE,
    "transformer": _TRANSFORMER,
    "transformer_encoder": _TRANSFORMER,
    "transformer_encoder_layer": _TRANSFORMER,
    "transformer_decoder": _TRANSFORMER,
    "transformer_decoder_layer": _TRANSFORMER,
    "transformer_block": _TRANSFORMER,
    "encoder_layer": _TRANSFORMER,
    "additive_attention": "write it with linear, add, tanh and matmul, or define a type under `custom:`",
    "bilinear": "write it with einsum and a parameter, or define a type under `custom:`",
    "maxout": "write linear or conv2d, then chunk and maximum",
    "lambda": "write the operation itself as an entry, or define a type under `custom:`",
    "layer": "write the type itself as the key: `- conv2d: {…}`",
    "module": "write the type itself as the key: `- conv2d: {…}`",
    "wrapper": _WRAPPER,
    "data_parallel": _WRAPPER,
    "torch_module_wrapper": _WRAPPER,
    "jax_layer": _WRAPPER,
    "flax_layer": _WRAPPER,
    "tfsm_layer": _WRAPPER,
    "stacked_rnn_cells": "write `num_layers: 2` into the lstm, gru or rnn",
    "average": "write `- add`, then `- scalar: {multiply: 0.5}` for two inputs",
    "einsum_dense": "write linear, or einsum with a parameter",
    "pairwise_distance": "write sub, then norm",
    "lp_pool": "write avg_pool2d: its figures are the same",
    "gaussian_blur": "write blur_pool2d with `stride: 1`",
    "nll_loss": _LOSS,
    "spectral_normalization": "write `spectral_norm: true` into the layer",
    "weight_normalization": "write `weight_norm: true` into the layer",
    "fractional_max_pool": "write adaptive_max_pool2d with the size of its output",
    "for": "write `repeat: N` into the entry",
    "loop": "write `repeat: N` into the entry",
    "block": "define it under `blocks:` and write its name as the entry",
    "module_dict": "define it under `blocks:` and write its name as the entry",
    "gaussian_noise": _TRAINING,
    "activity_regularization": _TRAINING,
    "masking": _TRAINING,
    "cosine_similarity": "write normalize for both, then matmul",
    "gumbel_softmax": "write `- softmax`",
    "backbone": "write its entries, or bring in a shipped network's blocks with `include: resnet`",
}  # fmt: skip
# What Keras does to data before a network.
_PREPARING = (
    "aug_mix auto_contrast category_encoding contrast_limited_adaptive_histogram_equalization cut_mix discretization"
    " equalization hashed_crossing hashing integer_lookup max_num_bounding_boxes mel_spectrogram mix_up normalization"
    " pipeline rand_augment solarization stft_spectrogram string_lookup text_vectorization rescale to_tensor"
)
ADVICE.update(dict.fromkeys(_PREPARING.split(), _DATA))
# Beginnings and ends of words that need no row each.
ENDINGS: dict[str, str] = {"loss": _LOSS, "crossentropy": _LOSS, "withlogits": _LOSS}
BEGINNINGS: dict[str, str] = {"random": _DATA}

# The parameters of each layer, and the words for each; the first that a type has is meant.
PARAMETERS: dict[str, str] = {
    "out_channels": "filters channels out_ch num_filters nb_filter features out out_planes planes num_output n_filters"
                    " output_channels out_dim c_out cout width depth n_out ch c",
    "out_features": "units size features out outputs num_outputs num_output num_classes n_classes classes hidden"
                    " neurons out_dim output_dim output_size hidden_size out_channels n_out nodes num_units",
    "hidden_size": "units hidden_dim hidden num_units n_hidden",
    "hidden_channels": "filters out_channels channels hidden_dim hidden_size",
    "kernel_size": "kernel kernel_shape ksize k filter_size pool_size window size filter window_size ks f kernel_dim",
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
    "scale_factor": "scale scales factor size ratio upscale",
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
    ("groups", "depthwise"): ("groups", "write `groups: =in_channels`"),
    ("padding", "auto"): ("padding", "write `padding: same`"),
    ("padding", "same_upper"): ("padding", "write `padding: same`"),
    ("padding", "same_lower"): ("padding", "write `padding: same`"),
}
# Parameters that say the opposite of ours.
OPPOSITE = "no_bias frozen freeze"
# Parameters with the name of a function, which is an entry of its own here.
FUNCTIONS = "activation act nonlinearity activation_fn act_layer act_fn hidden_act activation_layer"

# What the arguments without a name mean, by the word without its rank; Keras writes `2D` where PyTorch writes `2d`.
_CONV = "out_channels kernel_size stride padding"
_POOL = "kernel_size stride padding"
POSITIONAL: dict[str, str] = {
    "conv": f"in_channels {_CONV} dilation groups bias",
    "conv_transpose": f"in_channels {_CONV} output_padding groups bias dilation",
    "lazy_conv": _CONV,
    "linear": "in_features out_features bias",
    "embedding": "num_embeddings embedding_dim padding_idx",
    "max_pool": f"{_POOL} dilation", "avg_pool": f"{_POOL} ceil_mode", "max_pooling": _POOL, "average_pooling": _POOL,
    "adaptive_avg_pool": "output_size", "adaptive_max_pool": "output_size",
    "batch_norm": "num_features eps momentum affine", "instance_norm": "num_features eps momentum affine",
    "group_norm": "num_groups num_channels eps affine", "layer_norm": "normalized_shape eps",
    "dropout": "p", "spatial_dropout": "p", "alpha_dropout": "p", "drop_path": "p",
    "leaky_relu": "negative_slope inplace", "relu": "inplace", "elu": "alpha inplace", "prelu": "num_parameters init",
    "dense": "units activation", "lazy_linear": "out_features bias",
    "lstm": "input_size hidden_size num_layers", "gru": "input_size hidden_size num_layers",
    "rnn": "input_size hidden_size num_layers", "simple_rnn": "units",
    "multihead_attention": "embed_dim num_heads dropout", "multi_head_attention": "num_heads key_dim",
    "pixel_shuffle": "upscale_factor", "pixel_unshuffle": "downscale_factor",
    "upsample": "size scale_factor mode align_corners", "up_sampling": "scale_factor",
    "reflection_pad": "padding", "zero_pad": "padding", "replication_pad": "padding", "zero_padding": "padding",
    "depthwise_conv": "kernel_size stride padding", "activation": "activation",
}  # fmt: skip
KERAS_POSITIONAL: dict[str, str] = {"conv": _CONV, "conv_transpose": _CONV}
# What a single argument means, where it is not the first of several.
ONE_ARGUMENT = dict.fromkeys(("lstm", "gru", "rnn"), "hidden_size")

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
