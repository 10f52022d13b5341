"""Attention over sequences of tokens."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term
from convcalc.layers.parameters import Boolean, Integer, Number
from convcalc.layers.sequences import check_heads, check_tokens

# Each projection: how many tokens it is applied to, and how many features it reads.
PROJECTIONS = {
    "q_proj": ("query_tokens", "embed_dim"),
    "k_proj": ("key_tokens", "kdim"),
    "v_proj": ("key_tokens", "vdim"),
    "out_proj": ("query_tokens", "embed_dim"),
}
EMBED_DIM = Formula("embed_dim")
PAIRS = Formula("query_tokens * attended_tokens * embed_dim")
QUERY_UNITS = Formula("query_tokens * embed_dim")


class MultiheadAttention(Layer):
    """Every query token gathers values from all tokens, weighted by how its features match their keys.

    With one input it attends to itself. With `from: [query, key]` the second gives keys and values, with
    `from: [query, key, value]` each gives its own.

    Example:
        input: [197, 768]
        layers:
          - multihead_attention: {num_heads: 12}

    Shape:
        [T, D], the query's, kept; keys and values are [S, kdim] and [S, vdim]

    Formulas:
        q_proj, out_proj    embed_dim · embed_dim each; embed_dim is the query's D
        k_proj, v_proj      embed_dim · kdim and embed_dim · vdim; PyTorch stacks all three where they are of one size
        biases              3 · embed_dim (in_proj) and embed_dim (out_proj), where bias
        bias_k, bias_v      embed_dim each, where add_bias_kv
        macs                each projection at each of its tokens, and twice (scores, weighted values)
                            query_tokens · attended_tokens · embed_dim, in which heads make no difference

    Errors:
        wrong-rank          an input is no sequence of tokens
        heads-do-not-divide  num_heads must divide embed_dim
        lengths-do-not-agree  keys and values differ in number

    Source:
        PyTorch's MultiheadAttention, whose kdim and vdim follow from the inputs here; Vaswani et al. 2017.
    """

    arity = (1, 3)
    num_heads = Integer(help="how many parts the features are cut into, each attending for itself")
    bias = Boolean(True, help="whether the projections have biases")
    add_bias_kv = Boolean(False, help="whether a learned token is put behind the keys and the values")
    add_zero_attn = Boolean(False, help="whether a token of zeros is put behind the keys and the values")
    dropout = Number(0.0, minimum=0, maximum=1, help="how likely an attention weight is left out in training")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for shape in inputs:
            check_tokens(self, shape)
        check_heads(inputs[0][1], self.num_heads)
        if inputs[1:] and inputs[1][0] != inputs[-1][0]:
            raise LayerError(
                "lengths-do-not-agree",
                f"there are {inputs[1][0]} keys for {inputs[-1][0]} values",
                parameter="from",
                help="each token that is attended to has one key and one value",
            )
        return inputs[0]

    def terms(self) -> tuple[Term, ...]:
        terms = []
        for name, (tokens, features) in PROJECTIONS.items():
            weights = f"embed_dim * {features}"
            terms.append(Term.fixed(f"{name}.weight", Formula(weights), Formula(f"{tokens} * {weights}")))
        if self.bias:
            uses = Formula("(query_tokens + 2 * key_tokens) * embed_dim")
            terms.append(Term.fixed("in_proj.bias", Formula("3 * embed_dim"), uses, is_bias=True))
            terms.append(Term.fixed("out_proj.bias", EMBED_DIM, QUERY_UNITS, is_bias=True))
        if self.add_bias_kv:
            terms += [Term.fixed(name, EMBED_DIM, QUERY_UNITS, is_bias=True) for name in ("bias_k", "bias_v")]
        return tuple(terms)

    def multiply_accumulates(self) -> dict[str, Formula]:
        projections = {
            name: Formula(f"{tokens} * embed_dim * {features}") for name, (tokens, features) in PROJECTIONS.items()
        }
        return {**projections, "scores": PAIRS, "weighted values": PAIRS}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        (query_tokens, embed_dim), (key_tokens, kdim), (_, vdim) = (*inputs, inputs[-1], inputs[-1])[:3]
        return {
            "in_units": elements(inputs[0]),
            "out_units": elements(output),
            "query_tokens": query_tokens,
            "key_tokens": key_tokens,
            "attended_tokens": key_tokens + self.add_bias_kv + self.add_zero_attn,
            "embed_dim": embed_dim,
            "kdim": kdim,
            "vdim": vdim,
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        attended = (Link(0, whole(inputs[-1][0])), None)
        return (attended,) if len(inputs) == 1 else ((Link(0), None), *(attended,) * (len(inputs) - 1))


TYPES = {"multihead_attention": LayerType("multihead_attention", MultiheadAttention)}
