"""Attention over sequences of tokens."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import sliding, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term, Unknown
from convcalc.layers.parameters import Boolean, Integer, Number, OrNull
from convcalc.layers.sequences import check_heads, check_sequences

EMBED_DIM = Formula("embed_dim")


class MultiheadAttention(Layer):
    """Every query token gathers values from all tokens, weighted by how its features match their keys.

    With one input it attends to itself. With `from: [query, key]` the second gives keys and values, with
    `from: [query, key, value]` each gives its own. The last two axes are tokens and features; with axes before them,
    such as windows, each of those is a sequence that attends by itself.

    Example:
        input: [197, 768]
        layers:
          - multihead_attention: {num_heads: 12}

    Shape:
        [..., T, D], the query's, kept; keys and values are [..., S, kdim] and [..., S, vdim]. NAME.weights are how much
        each query takes of each value: [..., num_heads, T, S], before PyTorch takes the mean over the heads

    Formulas:
        q_proj, out_proj    embed_dim · embed_dim each; embed_dim is the query's D
        k_proj, v_proj      embed_dim · kdim and embed_dim · vdim; PyTorch stacks all three where they are of one size
        inner widths        with head_dim, a projection writes or reads num_heads · head_dim in place of embed_dim;
                            with value_dim, num_heads · value_dim for values and out_proj; with num_kv_heads, that
                            many heads for keys and values
        biases              one for each row of q_proj, k_proj and v_proj (in_proj), where bias or qkv_bias; embed_dim
                            for out_proj, where bias or proj_bias
        bias_k, bias_v      a row of keys and of values, where add_bias_kv
        macs                each projection at each of its tokens, the scores of each query with each key, and the
                            weighted values; heads make no difference, and a causal mask saves nothing

    Errors:
        wrong-rank          an input is no sequence of tokens
        heads-do-not-divide  num_heads must divide embed_dim, and num_kv_heads num_heads
        lengths-do-not-agree  keys and values differ in number, or the inputs in the axes before the tokens

    Source:
        PyTorch's MultiheadAttention, whose kdim and vdim follow from the inputs here; Vaswani et al. 2017. head_dim and
        value_dim are Keras's key_dim and value_dim; num_kv_heads: Ainslie et al. 2023, "GQA".
    """

    arity = (1, 3)
    further_outputs = ("weights",)
    num_heads = Integer(help="how many parts the features are cut into, each attending for itself")
    head_dim = OrNull(Integer(help="features of a query or key in one head; embed_dim / num_heads when null"))
    value_dim = OrNull(Integer(help="features of a value in one head; those of a key when null"))
    num_kv_heads = OrNull(Integer(help="heads of keys and values, each shared by several of queries; all when null"))
    bias = Boolean(True, help="whether the projections have biases")
    qkv_bias = OrNull(Boolean(help="whether those of queries, keys and values have; as `bias` when null"))
    proj_bias = OrNull(Boolean(help="whether that of the output has; as `bias` when null"))
    add_bias_kv = Boolean(False, help="whether a learned token is put behind the keys and the values")
    add_zero_attn = Boolean(False, help="whether a token of zeros is put behind the keys and the values")
    causal = Boolean(False, help="whether a token sees those up to its own place only")
    dropout = Number(0.0, minimum=0, maximum=1, help="how likely an attention weight is left out in training")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for shape in inputs:
            check_sequences(self, shape)
        if self.head_dim is None:
            check_heads(inputs[0][-1], self.num_heads)
        if self.num_heads % self._kv_heads:
            raise LayerError(
                "heads-do-not-divide",
                f"num_kv_heads {self._kv_heads} does not divide the {self.num_heads} heads of queries",
                parameter="num_kv_heads",
                help="each head of keys and values serves as many heads of queries",
            )
        if inputs[1:] and inputs[1][-2] != inputs[-1][-2]:
            raise LayerError(
                "lengths-do-not-agree",
                f"there are {inputs[1][-2]} keys for {inputs[-1][-2]} values",
                parameter="from",
                help="each token that is attended to has one key and one value",
            )
        if len({shape[:-2] for shape in inputs}) > 1:
            raise LayerError(
                "lengths-do-not-agree",
                "the inputs differ in the axes before their tokens",
                parameter="from",
                help="queries, keys and values have the same axes before the last two",
            )
        return inputs[0]

    @property
    def _kv_heads(self) -> int:
        return self.num_heads if self.num_kv_heads is None else self.num_kv_heads

    # The widths inside, as formulas: `embed_dim` itself where nothing else is given, as in the papers.

    @property
    def _query_width(self) -> str:
        return "embed_dim" if self.head_dim is None else "num_heads * head_dim"

    @property
    def _key_width(self) -> str:
        return self._query_width if self.num_kv_heads is None else "num_kv_heads * head_dim"

    @property
    def _value_width(self) -> str:
        heads = "num_heads" if self.num_kv_heads is None else "num_kv_heads"
        return self._key_width if self.value_dim is None else f"{heads} * value_dim"

    @property
    def _mixed_width(self) -> str:
        """Features of all heads behind the weighting: a value for each head of queries."""
        return self._query_width if self.value_dim is None else "num_heads * value_dim"

    def _projections(self) -> dict[str, tuple[str, str]]:
        """Each projection: how many tokens it is applied to, and the formula of its weights."""
        return {
            "q_proj": ("query_tokens", f"{self._query_width} * embed_dim"),
            "k_proj": ("key_tokens", f"{self._key_width} * kdim"),
            "v_proj": ("key_tokens", f"{self._value_width} * vdim"),
            "out_proj": ("query_tokens", f"embed_dim * {self._mixed_width}"),
        }

    def terms(self) -> tuple[Term, ...]:
        terms = [
            Term.fixed(f"{name}.weight", Formula(weights), Formula(f"{tokens} * {weights}"))
            for name, (tokens, weights) in self._projections().items()
        ]
        if self.bias if self.qkv_bias is None else self.qkv_bias:
            terms.append(self._in_bias())
        if self.bias if self.proj_bias is None else self.proj_bias:
            terms.append(Term.fixed("out_proj.bias", EMBED_DIM, Formula("query_tokens * embed_dim"), is_bias=True))
        if self.add_bias_kv:
            for name, width in (("bias_k", self._key_width), ("bias_v", self._value_width)):
                terms.append(Term.fixed(name, Formula(width), Formula(f"query_tokens * {width}"), is_bias=True))
        return tuple(terms)

    def _in_bias(self) -> Term:
        """One bias for each row of the projections of queries, keys and values."""
        if self._query_width == self._key_width == self._value_width == "embed_dim":
            count, uses = "3 * embed_dim", "(query_tokens + 2 * key_tokens) * embed_dim"
        else:
            count = f"{self._query_width} + {self._key_width} + {self._value_width}"
            uses = f"query_tokens * {self._query_width} + key_tokens * ({self._key_width} + {self._value_width})"
        return Term.fixed("in_proj.bias", Formula(count), Formula(uses), is_bias=True)

    def multiply_accumulates(self) -> dict[str, Formula]:
        projections = {
            name: Formula(f"{tokens} * {weights}") for name, (tokens, weights) in self._projections().items()
        }
        pairs = "query_tokens * attended_tokens"
        return {
            **projections,
            "scores": Formula(f"{pairs} * {self._query_width}"),
            "weighted values": Formula(f"{pairs} * {self._mixed_width}"),
        }

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        query, key, value = (*inputs, inputs[-1], inputs[-1])[:3]
        embed_dim = query[-1]
        head_dim = embed_dim // self.num_heads if self.head_dim is None else self.head_dim
        return {
            "in_units": elements(inputs[0]),
            "out_units": elements(output),
            "query_tokens": elements(query[:-1]),
            "key_tokens": elements(key[:-1]),
            "attended_tokens": key[-2] + self.add_bias_kv + self.add_zero_attn,
            "embed_dim": embed_dim,
            "kdim": key[-1],
            "vdim": value[-1],
            "num_heads": self.num_heads,
            "num_kv_heads": self._kv_heads,
            "head_dim": head_dim,
            "value_dim": head_dim if self.value_dim is None else self.value_dim,
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        tokens = len(output) - 2
        keys = inputs[-1][-2]
        before = tuple(map(Link, range(tokens)))
        seen = sliding(keys, 1, 1, keys - 1) if self.causal else whole(keys)
        attended = (*before, Link(tokens, seen), None)
        if len(inputs) == 1:
            return (attended,)
        return ((*before, Link(tokens), None), *(attended,) * (len(inputs) - 1))

    def further_shape(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        attended = self.values(inputs, output)["attended_tokens"]
        return (*output[:-2], self.num_heads, output[-2], attended)

    def further_flow(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Flow:
        tokens = len(output) - 2
        if len(inputs) > 2:  # the output sees the values, which the weights do not
            return (*map(Link, range(tokens)), None, Unknown((tokens,)), None)
        return (*map(Link, range(tokens)), None, Link(tokens), None)


TYPES = {"multihead_attention": LayerType("multihead_attention", MultiheadAttention)}
