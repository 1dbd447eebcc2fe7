"""What is checked of a parsed template before it is compiled, and what its bodies cost.

Compiling is bounded too: by the length of the text, the number and depth of the nodes, and the
size of what jinja2's compiler goes through again for every scope.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes

from hfi._core.prompts.meter import MAX_INT_BITS, BoundExceededError

# The largest of 233 real templates has 1,400 nodes, 6,200 of them scoped, and 7,000 branched names.
MAX_NODES = 12_000
MAX_DEPTH = 250
MAX_SCOPED = 150_000  # nodes, counted once for every loop, macro and branch around them
MAX_BRANCHED_NAMES = 300_000  # jinja2 copies what it knows of every name for every branch
_WEIGHTS: dict[type[nodes.Node], int] = {
    nodes.Filter: 4,
    nodes.Call: 5,
    nodes.Test: 2,
    nodes.Getattr: 2,
    nodes.Getitem: 2,
    nodes.Macro: 8,
    nodes.CallBlock: 8,
    nodes.For: 5,
    nodes.Dict: 3,
    nodes.List: 2,
    nodes.Block: 12,
    nodes.Assign: 2,
    nodes.NSRef: 2,
}
_BODIES: dict[type[nodes.Node], tuple[str, ...]] = {
    nodes.For: ("target", "body", "test"),
    nodes.Macro: ("body", "defaults"),
    nodes.CallBlock: ("body", "defaults"),
    nodes.Block: ("body",),
}
_FUNCTIONS = (nodes.Macro, nodes.CallBlock, nodes.Block)
_FUNCTION = 8  # compiling a function costs as much as so many other nodes
_SCOPES = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block, nodes.If, nodes.With)


class _Walk:
    """Every node once, parents before their children."""

    def __init__(self, tree: nodes.Template) -> None:
        self.nodes: list[nodes.Node] = []
        self.parents: list[int] = []
        self.cost = 0
        self.scoped = 0
        level = [(tree, -1, 0)]
        depth = 0
        while level:
            depth += 1
            if depth > MAX_DEPTH:
                raise BoundExceededError(f"it is nested more than {MAX_DEPTH} levels deep")
            level = self._level(level)

    def _level(self, level: list[Any]) -> list[Any]:
        below = []
        for node, parent, scopes in level:
            index = len(self.nodes)
            self.nodes.append(node)
            self.parents.append(parent)
            self.cost += _FUNCTION if isinstance(node, _FUNCTIONS) else 1
            self.scoped += scopes
            inside = scopes + isinstance(node, _SCOPES)
            below += [(child, index, inside) for child in node.iter_child_nodes()]
        if self.cost > MAX_NODES or self.scoped > MAX_SCOPED:
            raise BoundExceededError("it has too many parts")
        return below


def prepare(tree: nodes.Template) -> int:
    """Check the tree and write the weights of its bodies into it.

    Returns the weight of its dearest recursive loop.
    """
    walk = _Walk(tree)
    _check_branches(walk.nodes)
    outside = [_own_weight(node) for node in walk.nodes]
    inside = [2] * len(walk.nodes)
    owned = _owned(walk.nodes)
    for index in range(len(walk.nodes) - 1, 0, -1):
        parent = walk.parents[index]
        if id(walk.nodes[index]) in owned:
            inside[parent] += outside[index]
        else:
            outside[parent] += outside[index]
    dearest = 1
    for node, weight in zip(walk.nodes, inside, strict=True):
        if isinstance(node, nodes.For):
            node.iter = _marked(nodes.MarkSafe(node.iter), weight, node)
            if node.recursive:
                dearest = max(dearest, weight)
        elif type(node) in _BODIES:
            tick = _marked(nodes.ExprStmt(nodes.Const(None)), weight, node)
            node.body.insert(0, tick)  # type: ignore[attr-defined]
    return dearest


def _check_branches(every: list[nodes.Node]) -> None:
    names = {node.name for node in every if isinstance(node, (nodes.Name, nodes.NSRef))}
    branches = sum(2 + len(node.elif_) for node in every if isinstance(node, nodes.If))
    if len(names) * branches > MAX_BRANCHED_NAMES:
        raise BoundExceededError("it has too many parts")


def _own_weight(node: nodes.Node) -> int:
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        raise BoundExceededError("it contains a giant number")
    return _WEIGHTS.get(type(node), 1)


def _owned(every: list[nodes.Node]) -> set[int]:
    """The nodes that run with the body of their parent, not where it stands."""
    owned = set()
    for node in every:
        for field in _BODIES.get(type(node), ()):
            value = getattr(node, field)
            for child in value if isinstance(value, list) else (value,):
                owned.add(id(child))
    return owned


def _marked(mark: Any, weight: int, near: nodes.Node) -> Any:
    # jinja2 allows no node types of one's own: these two are ones no template can write.
    mark.weight = weight
    mark.set_lineno(near.lineno)
    mark.set_environment(near.environment)
    return mark
