"""Operations that a source has written out, as the one layer that they are. Nothing here is about ONNX alone."""

from __future__ import annotations

from convcalc.importers.network import ForeignNetwork
from convcalc.importers.onnx.naming import Nodes
from convcalc.importers.onnx.patterns import activations, attention, biases, norms, rearranging
from convcalc.importers.onnx.patterns.rewriting import Rewriting, Rule

# In this order: what a rule finds may need what an earlier one has made.
RULES: list[tuple[Rule, ...]] = [
    (rearranging.cancel, rearranging.roll),
    (biases.join, rearranging.roll),
    (activations.gelu, activations.gated, activations.hard_sigmoid),
    (norms.layer_norm, norms.rms_norm, norms.group_norm, norms.batch_norm),
    (attention.attention,),
    (rearranging.cancel,),
]


def simplify(network: ForeignNetwork, nodes: Nodes) -> None:
    """Recognise layers, and leave out what nothing reads."""
    rewriting = Rewriting(network, nodes)
    rewriting.drop_unread()
    for operation in list(network.operations):
        if not operation.known and len(operation.outputs) > 1 and rewriting.is_there(operation):
            rewriting.part_outputs(operation)
    rewriting.finish()
    for rules in RULES:
        rewriting = Rewriting(network, nodes)
        rewriting.drop_unread()
        for operation in list(network.operations):
            for rule in rules:
                if rewriting.is_there(operation) and rule(rewriting, operation):
                    break
        rewriting.finish()
    rewriting = Rewriting(network, nodes)
    rewriting.drop_unread()
    rewriting.finish()
