"""Jinja2's code generator, writing a counted operation wherever an operand could be large."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, operators

from . import environment, operations
from .values import DICT_NAMES

# What compiled code finds under these names; jinja2's own begin with l_ and t_.
HELPERS: dict[str, Any] = {
    "_add": operations.add,
    "_sub": operations.subtract,
    "_mul": operations.multiply,
    "_div": operations.divide,
    "_floordiv": operations.floor_divide,
    "_mod": operations.modulo,
    "_pow": operations.power,
    "_cat": operations.concatenate,
    "_text": operations.text,
    "_flat": operations.flat,
    "_in": operations.contains,
    "_attr": operations.attribute,
    "_item": operations.item,
    "_slice": operations.sliced,
    "_iter": operations.iterate,
    "_iter_lazily": operations.iterate_lazily,
    "_spread": operations.spread,
    "_spread_named": operations.spread_named,
    "_key": operations.key,
    "_call": environment.call,
    "_method": environment.call_method,
}
_SMALL = 200


def _binary(helper: str) -> Any:
    def visit(self: Any, node: Any, frame: Frame) -> None:
        self.write(f"{helper}(_m, ")
        self.visit(node.left, frame)
        self.write(", ")
        self.visit(node.right, frame)
        self.write(")")

    return visit


def _is_small(node: nodes.Node) -> bool:
    """A constant that costs nothing to compare with."""
    if not isinstance(node, nodes.Const):
        return False
    return not isinstance(node.value, str) or len(node.value) <= _SMALL


class TemplateCodeGenerator(CodeGenerator):
    """Writes the Python of one template."""

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("_m = context.meter")
        self.writeline("concat = _m.concat")

    visit_Add = _binary("_add")
    visit_Sub = _binary("_sub")
    visit_Mul = _binary("_mul")
    visit_Div = _binary("_div")
    visit_FloorDiv = _binary("_floordiv")
    visit_Mod = _binary("_mod")
    visit_Pow = _binary("_pow")

    def _output_child_to_const(self, node: Any, frame: Frame, finalize: Any) -> str:
        # Jinja2 would evaluate any constant expression here, without a bound.
        if isinstance(node, (nodes.Const, nodes.TemplateData)):
            return super()._output_child_to_const(node, frame, finalize)
        raise nodes.Impossible

    def _output_child_pre(self, node: Any, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write("_text(_m, ")

    def _output_child_post(self, node: Any, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("_cat(_m, (")
        for child in node.nodes:
            self.visit(child, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        first = node.ops[0]
        if len(node.ops) == 1 and first.op in {"in", "notin"}:
            self._write_contains(node, frame)
            return
        self.write("(")
        if (
            len(node.ops) == 1
            and first.op in {"eq", "ne"}
            and (_is_small(node.expr) or _is_small(first.expr))
        ):
            self.visit(node.expr, frame)
            self.write(f" {operators[first.op]} ")
            self.visit(first.expr, frame)
        else:
            self._write_flat(node.expr, frame)
            for operand in node.ops:
                self.write(f" {operators[operand.op]} ")
                self._write_flat(operand.expr, frame)
        self.write(")")

    def _write_contains(self, node: nodes.Compare, frame: Frame) -> None:
        self.write("(not " if node.ops[0].op == "notin" else "(")
        self.write("_in(_m, ")
        self.visit(node.expr, frame)
        self.write(", ")
        self.visit(node.ops[0].expr, frame)
        self.write("))")

    def _write_flat(self, node: nodes.Expr, frame: Frame) -> None:
        if _is_small(node):
            self.visit(node, frame)
            return
        self.write("_flat(_m, ")
        self.visit(node, frame)
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        plain = not node.attr.startswith("_") and node.attr not in DICT_NAMES
        self.write("_attr(environment, " if plain else "environment.getattr(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if isinstance(node.arg, nodes.Slice):
            self.write("_slice(_m, ")
            self.visit(node.node, frame)
            for part in (node.arg.start, node.arg.stop, node.arg.step):
                self.write(", ")
                if part is None:
                    self.write("None")
                else:
                    self.visit(part, frame)
        else:
            self.write("_item(_m, environment, ")
            self.visit(node.node, frame)
            self.write(", ")
            self.visit(node.arg, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        self.write("{")
        for pair in node.items:
            if isinstance(pair.key, nodes.Const) and isinstance(pair.key.value, str):
                self.visit(pair.key, frame)
            else:
                self.write("_key(_m, ")
                self.visit(pair.key, frame)
                self.write(")")
            self.write(": ")
            self.visit(pair.value, frame)
            self.write(", ")
        self.write("}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        callee = node.node
        if isinstance(callee, nodes.ExtensionAttribute):  # {% generation %}
            self.write("caller()")
            return
        if isinstance(callee, nodes.Getattr):
            self.write("_method(context, ")
            self.visit(callee.node, frame)
            self.write(f", {callee.attr!r}")
        else:
            self.write("_call(context, ")
            self.visit(callee, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")

    def signature(self, node: Any, frame: Frame, extra_kwargs: Any = None) -> None:
        for arg in node.args:
            self.write(", ")
            self.visit(arg, frame)
        if node.dyn_args is not None:
            self.write(", *_spread(_m, ")
            self.visit(node.dyn_args, frame)
            self.write(")")
        if node.kwargs or extra_kwargs:
            # As a mapping, for a name may be a keyword of Python.
            self.write(", **{")
            for keyword in node.kwargs:
                self.write(f"{keyword.key!r}: ")
                self.visit(keyword.value, frame)
                self.write(", ")
            for name, value in (extra_kwargs or {}).items():
                self.write(f"{name!r}: {value}, ")
            self.write("}")
        if node.dyn_kwargs is not None:
            self.write(", **_spread_named(_m, ")
            self.visit(node.dyn_kwargs, frame)
            self.write(")")

    def _write_no_loader(self, node: Any, frame: Frame) -> None:  # noqa: ARG002
        # As jinja2 fails without a loader, but without writing all names out for each attempt.
        self.writeline('raise TypeError("no loader for this environment specified")', node)

    visit_Include = _write_no_loader
    visit_Import = _write_no_loader
    visit_FromImport = _write_no_loader
    visit_Extends = _write_no_loader

    def visit_MarkSafe(self, node: nodes.MarkSafe, frame: Frame) -> None:
        """What a loop goes through; no template can write this node (see ``checks.py``)."""
        # One that may break off pays as it goes.
        self.write("_iter_lazily(_m, " if node.lazy else "_iter(_m, ")  # type: ignore[attr-defined]
        self.visit(node.expr, frame)
        self.write(f", {node.weight})")  # type: ignore[attr-defined]

    def visit_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:  # noqa: ARG002
        """The work of the body it opens; no template can write this node either."""
        self.writeline(f"_m.steps -= {node.weight}")  # type: ignore[attr-defined]
        self.writeline("if _m.steps < 0:")
        self.indent()
        self.writeline("_m.step(0)")
        self.outdent()
