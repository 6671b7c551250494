"""Formulas of the tables: the same language as libpmc/src/table/formula.hpp, without events in backquotes."""

import ast
import re

from .document import IDENTIFIER, check_text

NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


class FormulaText:
    """A formula of a table: the names it uses, and its value for the check of sums."""

    def __init__(self, text, place):
        self.text = check_text(text, place)
        self.place = place
        self.names = []
        if "`" in text:
            place.fail("tables use roles only: no event in backquotes")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            place.fail(f"'{text}' is not a formula")
        self._check(self.tree)

    def _check(self, node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            self._check(node.left)
            self._check(node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self._check(node.operand)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            if node.func.id not in ("min", "max"):
                self.place.fail(f"there is no function '{node.func.id}': only min and max")
            if len(node.args) < 2:
                self.place.fail("min and max take two values or more")
            for argument in node.args:
                self._check(argument)
        elif isinstance(node, ast.Name):
            if not IDENTIFIER.fullmatch(node.id):
                self.place.fail(f"'{node.id}' is not an identifier (small letters, digits and _)")
            if node.id not in self.names:
                self.names.append(node.id)
        elif not (isinstance(node, ast.Constant) and NUMBER.fullmatch(ast.get_source_segment(self.text.strip(), node))):
            self.place.fail(f"'{self.text}' uses more than + - * / ( ) min() max(), numbers and names")

    def value(self, values, node=None):
        node = self.tree if node is None else node
        if isinstance(node, ast.BinOp):
            left, right = self.value(values, node.left), self.value(values, node.right)
            if isinstance(node.op, ast.Div):
                if right == 0:
                    self.place.fail("divides by zero for the counts of 'example'")
                return left / right
            return left + right if isinstance(node.op, ast.Add) else \
                left - right if isinstance(node.op, ast.Sub) else left * right
        if isinstance(node, ast.UnaryOp):
            return -self.value(values, node.operand)
        if isinstance(node, ast.Call):
            return {"min": min, "max": max}[node.func.id](self.value(values, argument) for argument in node.args)
        if isinstance(node, ast.Name):
            if node.id not in values:
                self.place.fail(f"'example' has no number for '{node.id}'")
            return values[node.id]
        return float(node.value)
