"""Types of PyTorch, Keras, ONNX and common shorthand, with our types for them.

Words are compared without case, underscores, and the names of modules before a dot; `1d`, `2d` and `3d` are carried
over. Words that differ from ours only in that, such as `MaxPool2d`, are found by this rule and are not in the tables.
"""

from __future__ import annotations

from typing import Any

# Our types, and the words for each; a type with a rank is written without it.
TYPES: dict[str, str] = {
    "conv": "convolution conv_block convolutional fused_conv",
    "conv_transpose": "deconv deconvolution transposed_conv transpose_conv up_conv convolution_transpose"
                      " fractionally_strided_conv",
    "locally_connected": "local local_conv",
    "deform_conv": "deformable_conv dcn",
    "conv_lstm": "conv_lstm_cell",
    "max_pool": "max_pooling pool pooling max_pool_with_indices",
    "avg_pool": "average_pooling avg_pooling average_pool mean_pool mean_pooling",
    "adaptive_avg_pool": "adaptive_average_pooling adaptive_average_pool",
    "adaptive_max_pool": "adaptive_max_pooling",
    "global_avg_pool": "global_average_pooling global_average_pool global_pool global_pooling gap avgpool_global"
                       " global_avg_pooling",
    "global_max_pool": "global_max_pooling gmp",
    "max_unpool": "unpool unpooling max_unpooling",
    "linear": "dense fc fully_connected full_connected inner_product gemm classifier lazy_linear"
              " affine",
    "embedding": "embed token_embedding lookup_table reversible_embedding",
    "batch_norm": "batch_normalization bn sync_batch_norm",
    "instance_norm": "instance_normalization",
    "layer_norm": "layer_normalization ln",
    "group_norm": "group_normalization gn",
    "rms_norm": "rms_normalization",
    "local_response_norm": "lrn local_response_normalization cross_map_lrn",
    "global_response_norm": "grn global_response_normalization",
    "normalize": "unit_normalization l2_norm l2_normalize",
    "silu": "swish",
    "hardswish": "h_swish hard_silu",
    "hardsigmoid": "h_sigmoid ",
    "leaky_relu": "lrelu lealy_relu leaky",
    "sigmoid": "logistic",
    "dropout": "drop gaussian_dropout",
    "drop_path": "stochastic_depth ",
    "add": "sum_layers shortcut eltwise elementwise_add plus",
    "sub": "subtract minus",
    "mul": "multiply times elementwise_mul",
    "div": "divide true_divide",
    "maximum": "element_max",
    "minimum": "element_min",
    "concat": "cat concatenate concatenation route merge",
    "matmul": "bmm mm dot batch_matmul",
    "scaled_dot_product_attention": "attention sdpa dot_product_attention luong_attention",
    "multihead_attention": "self_attention mha msa multi_headed_attention"
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
    "transpose": "swapaxes ",
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
    "upsample": "up_sampling interpolate resize up resizing",
    "pixel_shuffle": "depth_to_space sub_pixel_conv",
    "pixel_unshuffle": "space_to_depth",
    "channel_shuffle": "shuffle_channels native_channel_shuffle",
    "rnn": "simple_rnn elman_rnn rnn_base rnn_cell_base",
    "unfold": "im2col extract_image_patches",
    "fold": "col2im",
    "identity": "noop pass linear_activation passthrough stop_gradient detach contiguous cast",
    "class_token": "cls_token",
    "positional_embedding": "position_embedding positional_encoding pos_embed",
    "layer_scale": "gamma",
    "parameter": "parameter_list parameter_dict weight",
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
_INCLUDE = "a shipped spec has it: with `include: {}` at the top of the file, write `- {}`"
_SQUEEZE = _INCLUDE.format("mobilenet_v3", "squeeze_excite: {channels: =in_channels}")
_CONV_NORM = "write three entries: conv2d, batch_norm2d and relu; or define them once under `blocks:`"
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
    "squeeze_excite": _SQUEEZE,
    "basic_block": _INCLUDE.format("resnet", "basic: {width: 64}"),
    "bottleneck": _INCLUDE.format("resnet", "bottleneck: {width: 64}"),
    "fire": _INCLUDE.format("squeezenet", "fire: {squeeze: 16, expand: 64}"),
    "sppf": _INCLUDE.format("yolov8", "sppf"),
    "double_conv": _INCLUDE.format("unet", "unit: {out: 64}"),
    "conv_bn_relu": _CONV_NORM,
    "conv_norm_act": _CONV_NORM,
    "conv_bn_act": _CONV_NORM,
    "conv_bn": _CONV_NORM,
    "conv_module": _CONV_NORM,
    "mlp": "write linear, gelu and linear; or define them once under `blocks:`",
    "feed_forward": "write linear, gelu and linear; or define them once under `blocks:`",
    "patch_embed": "write a conv2d with the size of the patch as its kernel_size and stride, then flatten and permute,"
                   " as `convcalc count vit` shows",
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
