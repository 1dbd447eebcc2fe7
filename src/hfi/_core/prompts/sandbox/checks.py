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
_FUNCTIONS = (nodes.Macro, nodes.CallBlock, nodes.Block)
_DEAR = 12  # steps a branch must cost before it is worth a statement that charges it
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
    costs = _costs(walk)
    dearest = 1
    for node, cost in zip(walk.nodes, costs, strict=True):
        if isinstance(node, nodes.For):
            weight = cost.inside
            if node.test is not None:  # the body runs for some only, so it pays for itself
                node.body.insert(0, _marked(nodes.ExprStmt(nodes.Const(None)), weight, node))
                weight = cost.tested
            if node.recursive:
                dearest = max(dearest, weight)
            mark = _marked(nodes.MarkSafe(node.iter), weight, node)
            mark.lazy = node.find(nodes.Break) is not None
            node.iter = mark
        elif isinstance(node, _FUNCTIONS):
            tick = _marked(nodes.ExprStmt(nodes.Const(None)), cost.inside, node)
            node.body.insert(0, tick)
    return dearest


class _Cost:
    """What a node costs where it stands, and what the parts cost that run by themselves."""

    __slots__ = ("branch", "inside", "otherwise", "outside", "tested", "then")

    def __init__(self, own: int) -> None:
        self.outside = own
        self.inside = 2  # the body of a loop or function, once
        self.tested = 2  # the condition of a loop, for one item
        self.then = 0  # the branches of an if, of which one runs
        self.otherwise = 0
        self.branch = 0


def _costs(walk: _Walk) -> list[_Cost]:
    costs = [_Cost(_own_weight(node)) for node in walk.nodes]
    roles = _roles(walk.nodes)
    for index in range(len(walk.nodes) - 1, 0, -1):
        cost = costs[index]
        if isinstance(walk.nodes[index], nodes.If):
            _charge_branches(walk.nodes[index], cost)
        dearest = max(cost.then, cost.otherwise, cost.branch)
        above = costs[walk.parents[index]]
        role = roles.get(id(walk.nodes[index]))
        if role == "branch":  # an elif: its test may run as well as another branch
            above.branch = max(above.branch, dearest)
            above.outside += cost.outside
            continue
        name = role or "outside"
        setattr(above, name, getattr(above, name) + cost.outside + dearest)
    return costs


def _charge_branches(node: Any, cost: _Cost) -> None:
    """Let dear branches pay for themselves, when they run."""
    if cost.then > _DEAR:
        node.body.insert(0, _marked(nodes.ExprStmt(nodes.Const(None)), cost.then, node))
        cost.then = 2
    if cost.otherwise > _DEAR:
        node.else_.insert(0, _marked(nodes.ExprStmt(nodes.Const(None)), cost.otherwise, node))
        cost.otherwise = 2


def _roles(every: list[nodes.Node]) -> dict[int, str]:
    """Which part of their parent the nodes belong to that do not run where it stands."""
    roles: dict[int, str] = {}

    def give(role: str, *fields: Any) -> None:
        for field in fields:
            for child in field if isinstance(field, list) else (field,):
                roles[id(child)] = role

    for node in every:
        if isinstance(node, nodes.For):
            give("inside", node.body)
            give("tested", node.target, node.test)
        elif isinstance(node, (nodes.Macro, nodes.CallBlock)):
            give("inside", node.body, node.defaults)
        elif isinstance(node, nodes.Block):
            give("inside", node.body)
        elif isinstance(node, nodes.If):
            give("then", node.body)
            give("otherwise", node.else_)
            give("branch", node.elif_)
    return roles


def _check_branches(every: list[nodes.Node]) -> None:
    names = {node.name for node in every if isinstance(node, (nodes.Name, nodes.NSRef))}
    branches = sum(2 + len(node.elif_) for node in every if isinstance(node, nodes.If))
    branches += sum(2 for node in every if isinstance(node, nodes.Block))
    if len(names) * branches > MAX_BRANCHED_NAMES:
        raise BoundExceededError("it has too many parts")


def _own_weight(node: nodes.Node) -> int:
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        raise BoundExceededError("it contains a giant number")
    return _WEIGHTS.get(type(node), 1)


def _marked(mark: Any, weight: int, near: nodes.Node) -> Any:
    # jinja2 allows no node types of one's own: these two are ones no template can write.
    mark.weight = weight
    mark.set_lineno(near.lineno)
    mark.set_environment(near.environment)
    return mark
