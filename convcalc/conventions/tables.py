"""The conventions. Each formula was fitted to figures of the tool itself: see tests/conventions/measured.json."""

from __future__ import annotations

from convcalc.conventions.convention import Convention, CountingRule, rules
from convcalc.conventions.layer_types import (
    AVERAGE_POOLS,
    AVERAGES_TO_SIZE,
    BATCH_NORMS,
    CONVOLUTIONS,
    INSTANCE_NORMS,
    LINEAR,
    POOLS,
    REST,
    SAMPLE_NORMS,
    SCALES,
    TRANSPOSED,
    UPSAMPLES,
    WEIGHTED,
    WITH_PARAMETERS,
)

# A later entry replaces an earlier one.
FREE = ((*SCALES, *REST), CountingRule("0"))
OWN = (WITH_PARAMETERS, CountingRule("params"))
BIAS = "the bias as operations too"

PYTORCH = Convention(
    "pytorch",
    "torch.utils.flop_counter of PyTorch 2.13.0",
    "flops are 2 for each multiply-accumulate of convolutions and linear layers; biases and all other layers are free",
    params=rules(OWN),
    operations=rules(FREE, (WEIGHTED, CountingRule("2 * macs"))),
    unit="flops",
)

KERAS = Convention(
    "keras",
    "count_params of Keras 3.15.1",
    "parameters include the running mean and variance of batch norms; operations are not counted",
    params=rules(
        OWN,
        (INSTANCE_NORMS, CountingRule("params", where="buffers == 0")),
        (
            BATCH_NORMS,
            CountingRule(
                "params + buffers - counters", "the running means and variances too", where="track_running_stats"
            ),
        ),
    ),
    operations=None,
)

CAFFE = Convention(
    "caffe",
    "blobs of published Caffe models",
    "parameters include the running mean, variance and the one scale factor of each batch norm;"
    " operations are not counted",
    params=rules(
        (("conv2d", "linear"), CountingRule("params")),
        (("batch_norm2d",), CountingRule("params + buffers", "the running means, variances and the scale factor too")),
    ),
    operations=None,
)

TORCHINFO = Convention(
    "torchinfo",
    "total_mult_adds of torchinfo 1.8.0",
    "each weight and bias counts once for each position that a convolution writes, and once in any other layer",
    params=rules(OWN),
    operations=rules(
        FREE,
        (SCALES, CountingRule("weights + biases", "one operation for each parameter")),
        (
            LINEAR,
            CountingRule("weights + biases", "one operation for each parameter, whatever the number of positions"),
        ),
        (CONVOLUTIONS, CountingRule("(weights + biases) * out_positions", BIAS)),
        (
            TRANSPOSED,
            CountingRule(
                "(weights + biases) * out_positions",
                "each parameter for each position of the output",
                where="symmetric",
            ),
        ),
    ),
)

FVCORE = Convention(
    "fvcore",
    "FlopCountAnalysis of fvcore 0.1.5",
    "multiply-accumulates without biases; for each element 2 in batch norms (1 without weights), 5 (4) in norms by the"
    " sample's own statistics, 1 in averaging to a size and upsampling in two dimensions, 4 in bilinear upsampling;"
    " convolutions with padding same are missed",
    params=rules(OWN),
    operations=rules(
        FREE,
        (WEIGHTED, CountingRule("macs")),
        (CONVOLUTIONS, CountingRule("macs * (1 - same)", "it does not see a convolution with padding same")),
        (
            BATCH_NORMS,
            CountingRule(
                "in_units * (1 + affine + 3 * (1 - track_running_stats))",
                "operations for each element that is normalised",
            ),
        ),
        (SAMPLE_NORMS, CountingRule("in_units * (4 + affine)", "operations for each element that is normalised")),
        (
            ("adaptive_avg_pool2d", "global_avg_pool"),
            CountingRule("in_units * (axes == 2)", "one operation for each element that is averaged"),
        ),
        (("upsample:nearest",), CountingRule("out_units * (axes == 2)", "one operation for each element")),
        (("upsample:bilinear",), CountingRule("out_units * 4", "four operations for each element")),
    ),
)

THOP = Convention(
    "thop",
    "profile of thop 0.1.1-2209072238",
    "multiply-accumulates without biases, of transposed convolutions by the output's positions; norms 2 per element,"
    " 4 with weights; averaging, softmax, upsampling and prelu count; group and RMS norms and embeddings have no"
    " parameters",
    params=rules(
        OWN,
        (("group_norm", "rms_norm", "layer_norm2d", "embedding"), CountingRule("0", "it does not know the layer")),
    ),
    operations=rules(
        FREE,
        (WEIGHTED, CountingRule("macs")),
        (
            TRANSPOSED,
            CountingRule("weights * out_positions", "each weight for each position of the output", where="symmetric"),
        ),
        (
            (*BATCH_NORMS, *INSTANCE_NORMS, "layer_norm"),
            CountingRule("2 * in_units * (1 + affine)", "operations for each element that is normalised"),
        ),
        (AVERAGE_POOLS, CountingRule("out_units", "one operation for each mean")),
        (
            AVERAGES_TO_SIZE,
            CountingRule(
                "in_units + out_units", "one operation for each element that is averaged and each mean", where="divides"
            ),
        ),
        (
            ("softmax",),
            CountingRule("in_units // axis_size * (3 * axis_size - 1)", "exponentials, their sum and the quotients"),
        ),
        (("prelu",), CountingRule("in_units", "one operation for each element")),
        (("upsample:nearest",), CountingRule("out_units", "one operation for each element")),
        (("upsample:linear",), CountingRule("5 * out_units", "five operations for each element")),
        (("upsample:bilinear",), CountingRule("11 * out_units", "eleven operations for each element")),
        (("upsample:bicubic",), CountingRule("259 * out_units", "259 operations for each element")),
    ),
)

PTFLOPS = Convention(
    "ptflops",
    "the pytorch backend of ptflops 0.7.5",
    "multiply-accumulates and biases; norms 1 per element, 2 with weights; pooling, relu, prelu, elu, gelu and"
    " upsampling 2; relu6, leaky_relu, silu and softmax 1; frozen parameters are none",
    params=rules((WITH_PARAMETERS, CountingRule("trainable", "only those that are trained"))),
    operations=rules(
        FREE,
        (CONVOLUTIONS, CountingRule("macs + biases * out_positions", BIAS)),
        (TRANSPOSED, CountingRule("macs + biases * out_positions", BIAS, where="symmetric")),
        (LINEAR, CountingRule("macs + biases * positions", BIAS)),
        (
            (*BATCH_NORMS, *INSTANCE_NORMS, "group_norm"),
            CountingRule("in_units * (1 + affine)", "operations for each element that is normalised"),
        ),
        (("layer_norm",), CountingRule("in_units", "one operation for each element")),
        (
            ("relu6", "leaky_relu", "silu", "softmax", "softmax2d"),
            CountingRule("in_units", "one operation for each element"),
        ),
        (("relu", "prelu", "elu", "gelu", *POOLS), CountingRule("2 * in_units", "each element of the input twice")),
        (UPSAMPLES, CountingRule("2 * out_units", "each element of the output twice")),
        (
            ("local_response_norm",),
            CountingRule(
                "3 * in_units + in_units // in_channels * (in_channels + size - 1)",
                "the products and the average by which it is computed",
            ),
        ),
    ),
)

CONVENTIONS = {convention.name: convention for convention in (PYTORCH, KERAS, CAFFE, TORCHINFO, FVCORE, THOP, PTFLOPS)}
