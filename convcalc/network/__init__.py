"""From a spec to a graph of layers: blocks expanded, expressions evaluated, edges and shapes known."""
