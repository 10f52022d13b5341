"""Words of other libraries: every public layer of PyTorch, Keras and ONNX has a help, and its entries are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import convcalc
from convcalc import layers
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS
from convcalc.language.translations import key_name_help, keys_of, type_name_help, unknown_key_help, unknown_type_help
from convcalc.manual import foreign, foreign_keys, foreign_types
from tests.helpers import problems
from tests.workspace import finished, python

PYTORCH = """
    AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss AdaptiveMaxPool1d
    AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BCELoss BCEWithLogitsLoss
    BatchNorm1d BatchNorm2d BatchNorm3d Bilinear Buffer CELU CTCLoss ChannelShuffle CircularPad1d CircularPad2d
    CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Container Conv1d Conv2d Conv3d ConvTranspose1d
    ConvTranspose2d ConvTranspose3d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss CrossMapLRN2d DataParallel
    Dropout Dropout1d Dropout2d Dropout3d ELU Embedding EmbeddingBag FeatureAlphaDropout Flatten Fold
    FractionalMaxPool2d FractionalMaxPool3d GELU GLU GRU GRUCell GaussianNLLLoss GroupNorm Hardshrink Hardsigmoid
    Hardswish Hardtanh HingeEmbeddingLoss HuberLoss Identity InstanceNorm1d InstanceNorm2d InstanceNorm3d KLDivLoss
    L1Loss LPPool1d LPPool2d LPPool3d LSTM LSTMCell LayerNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d
    LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d
    LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LeakyReLU Linear LinearCrossEntropyLoss LocalResponseNorm
    LogSigmoid LogSoftmax MSELoss MarginRankingLoss MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d
    MaxUnpool3d Mish Module ModuleDict ModuleList MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss
    MultiheadAttention NLLLoss NLLLoss2d PReLU PairwiseDistance Parameter ParameterDict ParameterList PixelShuffle
    PixelUnshuffle PoissonNLLLoss RMSNorm RNN RNNBase RNNCell RNNCellBase RReLU ReLU ReLU6 ReflectionPad1d
    ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU Sequential SiLU Sigmoid
    SmoothL1Loss SoftMarginLoss Softmax Softmax2d Softmin Softplus Softshrink Softsign SyncBatchNorm Tanh Tanhshrink
    Threshold Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
    TripletMarginLoss TripletMarginWithDistanceLoss Unflatten Unfold Upsample UpsamplingBilinear2d
    UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d
"""
KERAS = """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention
    AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
    BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
    Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D
    Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense
    DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten
    FlaxLayer GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D
    GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention
    HashedCrossing Hashing Identity Input InputLayer IntegerLookup JaxLayer LSTM LSTMCell Lambda Layer
    LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D
    MaxPooling3D Maximum MelSpectrogram Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute
    Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
    RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale
    RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness
    RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding
    STFTSpectrogram SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SimpleRNN
    SimpleRNNCell Softmax Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization
    StackedRNNCells StringLookup Subtract TFSMLayer TextVectorization TimeDistributed TorchModuleWrapper
    UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
ONNX = """
    Conv ConvTranspose Gemm MatMul Relu MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool
    BatchNormalization InstanceNormalization LRN Concat Sum Add Mul Sub Div Pow Reshape Transpose Flatten Squeeze
    Unsqueeze Slice Gather Split Pad Resize Upsample Softmax LogSoftmax Sigmoid Tanh Elu Selu HardSigmoid HardSwish
    LeakyRelu PRelu Clip Dropout LSTM GRU RNN ReduceMean ReduceSum ReduceMax DepthToSpace SpaceToDepth Identity
    Constant Cast Expand Tile Where Erf Gelu LayerNormalization GroupNormalization Swish Mish Celu
"""
SHORTHAND = """
    fc dense swish hswish batchnorm bn maxpool avgpool pool conv deconv depthwise_conv2d dwconv reflection_pad2d
    view transpose cat concatenate fc_layer upsampling bmm gap lrn embed self_attention cls_token
    res_block se_block interpolate hard_swish leaky ReLU6 conv1x1 silu
"""
WORDS = [*PYTORCH.split(), *KERAS.split(), *ONNX.split(), *SHORTHAND.split()]
DIAGNOSTICS = Path(__file__).parents[1] / "data" / "diagnostics"
OUR_TYPES = [*layers.names(), *CONTAINERS]


@pytest.mark.parametrize("word", WORDS)
def test_every_public_layer_has_a_help(word: str) -> None:
    meaning = foreign.meaning(word, CONTAINERS)
    assert foreign.advice(word) or (meaning is not None and meaning.type in OUR_TYPES)


def test_the_list_of_pytorch_is_whole() -> None:
    nn = pytest.importorskip("torch.nn")
    not_layers = {"LinearCrossEntropyOptions", "UninitializedBuffer", "UninitializedParameter"}
    public = {name for name in dir(nn) if name[0].isupper()} - not_layers
    assert {name for name in public if not (foreign.meaning(name, CONTAINERS) or foreign.advice(name))} == set()


TYPES = [
    ("ReLU", "relu"), ("nn.Linear", "linear"), ("Dense", "linear"), ("fc", "linear"), ("swish", "silu"),
    ("Conv2D", "conv2d"), ("Conv1DTranspose", "conv_transpose1d"), ("batchnorm", "batch_norm2d"),
    ("tf.keras.layers.MaxPooling3D", "max_pool3d"), ("LazyConv1d", "conv1d"), ("hard_swish", "hardswish"),
    ("GlobalAveragePooling2D", "global_avg_pool"), ("view", "reshape"), ("Sequential", "sequential"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "ours"), TYPES)
def test_a_foreign_type_has_our_name(word: str, ours: str) -> None:
    assert type_name_help(word, {}) == f"it is called {ours} here"


KEYS = [
    ("conv2d", "in_channels", 3, "leave it out: it follows from the input"),
    ("conv2d", "filters", 64, "write `out_channels: 64`"),
    ("conv2d", "strides", [2, 2], "write `stride: [2, 2]`"),
    ("conv2d", "padding_size", 1, ""),
    ("conv2d", "no_bias", True, "write `bias: false`"),
    ("conv2d", "activation", "relu", "a function is an entry of its own: write `- relu` after this one"),
    ("conv2d", "kernel_initializer", "zeros", "leave it out: it changes no figure"),
    ("linear", "units", 10, "write `out_features: 10`"),
    ("lstm", "units", 10, "write `hidden_size: 10`"),
    ("embedding", "input_dim", 10, "write `num_embeddings: 10`"),
    ("max_pool2d", "pool_size", 2, "write `kernel_size: 2`"),
    ("dropout", "rate", 0.5, "write `p: 0.5`"),
    ("softmax", "dim", -1, "it is `axis` here, counted without the batch: `axis: -1`"),
    ("softmax", "dim", 0, "it is `axis` here, counted without the batch"),
    ("permute", "dims", [0, 2, 1], "it is `axes` here, counted without the batch: `axes: [1, 0]`"),
    ("conv2d", "kernel_size=3", None, "write `kernel_size: 3`"),
    ("conv2d", "filters=3", None, "write `out_channels: 3`"),
]


@pytest.mark.parametrize(("type", "key", "value", "help"), KEYS)
def test_a_foreign_key_has_ours_with_its_value(type: str, key: str, value: object, help: str) -> None:
    known = [*keys_of(type, {}), *ENTRY_KEYS]
    assert unknown_key_help(type, key, value, known) == help  # type: ignore[arg-type]


def test_the_name_of_a_key_alone() -> None:
    known = [*keys_of("conv2d", {}), *ENTRY_KEYS]
    assert key_name_help("conv2d", "filters", known) == "it is called out_channels here"
    assert key_name_help("conv2d", "strid", known).startswith("did you mean stride")


CALLS = [
    ("Conv2d(3, 64, 7, 2, 3)", "- conv2d: {out_channels: 64, kernel_size: 7, stride: 2, padding: 3}"),
    ("Conv2D(64, (3, 3), padding='same')", "- conv2d: {out_channels: 64, kernel_size: [3, 3], padding: same}"),
    ("torch.nn.Conv2d(3, 64, 7)", "- conv2d: {out_channels: 64, kernel_size: 7}"),
    ("F.max_pool2d(x, 2)", "- max_pool2d: {kernel_size: 2}"),
    ("x = F.relu(x)", "- relu"),
    ("nn.Linear(120, n)", "- linear: {out_features: =n}"),
    ("nn.Linear(120, 10, bias=False)", "- linear: {out_features: 10, bias: false}"),
    ("Dense(10, activation='relu')", "- linear: {out_features: 10}` and then `- relu"),
    ("nn.BatchNorm2d(64)", "- batch_norm2d"),
    ("LSTM(64)", "- lstm: {hidden_size: 64}"),
    ("nn.LSTM(32, 64, batch_first=True)", "- lstm: {hidden_size: 64}"),
    ("UpSampling2D(2)", "- upsample: {scale_factor: 2}"),
    ("Flatten()", "- flatten"),
    ("DepthwiseConv2D(3)", "- conv2d: {out_channels: =in_channels, kernel_size: 3, groups: =in_channels}"),
    ("nn.Conv2d(*args)", "- conv2d: {out_channels: …, kernel_size: …}"),
]


@pytest.mark.parametrize(("call", "entry"), CALLS)
def test_a_call_becomes_an_entry(call: str, entry: str) -> None:
    assert f"write `{entry}`" in unknown_type_help(call, {}, {})


COMPLETED = [("Dense", ["linear"]), ("dens", ["linear"]), ("Conv2D", ["conv2d"]), ("nn.ReLU", ["relu", "relu6"]),
             ("MaxPooling2", ["max_pool2d"]), ("BatchNormalization",
             ["batch_norm1d", "batch_norm2d", "batch_norm3d"]), ("D", []), ("xyz", [])]  # fmt: skip


@pytest.mark.parametrize(("beginning", "types"), COMPLETED)
def test_completion_of_a_foreign_word_offers_our_types(beginning: str, types: list[str]) -> None:
    assert list(foreign.types_for(beginning)) == types


def test_the_types_of_the_file_come_first() -> None:
    defined = {"conv_block": ["width"], "dense_net": []}
    assert unknown_type_help("conv_blok", {}, defined) == "did you mean conv_block?"
    assert unknown_type_help("conv_block(8)", {}, defined) == "write `- conv_block: {width: 8}`"


def test_each_word_of_the_tables_is_there_once() -> None:
    ours = {foreign.squashed(name) for name in OUR_TYPES}
    written = [foreign.squashed(word) for words in foreign_types.TYPES.values() for word in words.split()]
    written += [foreign.squashed(word) for word in (*foreign_types.WITH_KEYS, *foreign_types.ADVICE)]
    assert sorted(written) == sorted(set(written))
    assert not ours & set(written)


def test_the_tables_name_types_and_parameters_that_exist() -> None:
    assert all(foreign.with_rank(stem, "", CONTAINERS) in OUR_TYPES for stem in foreign_types.TYPES)
    for stem, keys in foreign_types.WITH_KEYS.values():
        assert keys.keys() <= set(keys_of(foreign.with_rank(stem, "", CONTAINERS), {}))
    known = {key for name in OUR_TYPES for key in keys_of(name, {})} | ENTRY_KEYS
    assert set(foreign_keys.PARAMETERS) <= known


HELPS = sorted(
    {
        entry
        for path in DIAGNOSTICS.glob("*.txt")
        for entry in re.findall(r"(?<!of the file, write )`- ([^`…]+)`", path.read_text(encoding="utf-8"))
        if "=w" not in entry
    }
)


@pytest.mark.parametrize("entry", HELPS)
def test_an_entry_of_a_help_is_valid(entry: str) -> None:
    text = f"input: [3, 32, 32]\nblocks: {{b: {{params: {{out: 1}}, layers: [relu]}}}}\nlayers:\n  - {entry}\n"
    assert yaml.safe_load(text)
    rules = {problem.rule for problem in problems(text)}
    assert not rules & {"unknown-type", "unknown-key", "wrong-value", "wrong-type", "bad-entry", "missing-parameter"}


SHIPPED = sorted({text for text in foreign_types.ADVICE.values() if "`include: " in text and "`- " in text})


@pytest.mark.parametrize("advice", SHIPPED)
def test_a_block_of_a_shipped_spec_is_there(advice: str) -> None:
    file, entry = re.findall(r"`(?:include: |- )([^`]+)`", advice)
    convcalc.loads(f"include: {file}\ninput: [64, 56, 56]\nlayers:\n  - {entry}\n")


@pytest.mark.parametrize("call", [("count", "lenet"), ("layer", "linear", "out_features=3", "--input", "4")])
def test_a_spec_without_a_mistake_loads_no_help(call: tuple[str, ...]) -> None:
    code = "import sys; from convcalc.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    modules = set(finished(python(code, *call)).stderr.decode().split())
    assert "convcalc.layers.dense" in modules
    helps = ("convcalc.manual.foreign", "convcalc.language.translations", "convcalc.language.corrections",
             "convcalc.network.help", "convcalc.network.fitting")  # fmt: skip
    assert not [name for name in modules if name.startswith(helps)]
