"""What the reference needs of Sphinx: names in docstrings, parameters as objects, public names by module.

In docstrings of this project, `one backtick` refers to a name and ``two`` are code.  A name that is described here
becomes a link and any other one stays code: a docstring may well speak of a command.
"""

import builtins
import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

from call_pages import FOLDER, calls, groups, own_fields
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import find_pending_xref_condition, make_refnode
from sphinx.util.typing import stringify_annotation

from django_bbb import api
from django_bbb.api import BBBError


def parse_parameter(env: BuildEnvironment, signature: str, node: addnodes.desc_signature) -> str:
    """Show both names of a parameter, and register it as ``call.python_name``."""
    call, python_name, wire_name = signature.split()
    node += addnodes.desc_name(python_name, python_name)
    if wire_name != python_name:
        node += addnodes.desc_annotation("", " ", nodes.Text(wire_name))
    return f"{call}.{python_name}"


def resolve_name(app: Sphinx, env: BuildEnvironment, node: nodes.Element, content: nodes.Node) -> nodes.Node | None:
    """Lead a name to the one thing it can mean; where there is none, or several, it stays as it is."""
    target = str(node.get("reftarget", "")).removesuffix("()")
    page = _page_of_table(target)
    if page:
        return make_refnode(app.builder, str(node["refdoc"]), page, "", content)
    in_prose = node.get("reftype") == "name"
    kinds = _PROSE if in_prose else _TYPES
    ends = {
        found.node_id: found
        for name, found in env.domains.python_domain.objects.items()
        if name == target or (found.objtype in kinds and name.endswith(f".{target}"))
    }
    if len(ends) == 1:
        ((node_id, found),) = ends.items()
        return make_refnode(app.builder, str(node["refdoc"]), found.docname, node_id, content)
    # Annotations name things of others as well; a class of ours that is not described is a mistake.
    return None if not in_prose and _is_our_class(target) else content


#: What a name without its module may mean: a field has a word for its name that others have as well.
_TYPES = {"class", "exception"}
_PROSE = _TYPES | {"function", "method", "classmethod", "property", "module", "data"}


def _page_of_table(target: str) -> str:
    """Return the page a table stands on; its typed keywords (``CreateArguments``) are the same table."""
    name = re.sub("Arguments$", "Parameters", target.rpartition(".")[2])
    return next((f"{FOLDER}/{call.page}" for call in calls() if call.table.__name__ == name), "")


def _is_our_class(target: str) -> bool:
    module, _, name = target.rpartition(".")
    return module.startswith("django_bbb.") and isinstance(getattr(importlib.import_module(module), name, None), type)


class BuiltinNames(SphinxPostTransform):
    """Take annotations with Python's own types out before Sphinx looks for a field of that name, such as ``type``."""

    default_priority = 5  # before references are resolved

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refdomain") == "py" and hasattr(builtins, str(node.get("reftarget"))):
                short = find_pending_xref_condition(node, "resolved")
                node.replace_self((short or node).children)


class PublicNames(SphinxDirective):
    """Describe what `django_bbb.api` has from one of its modules.

    With ``:all:`` also what has to be imported from the module itself.
    """

    required_arguments = 1
    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {"all": directives.flag}

    def run(self) -> list[nodes.Node]:
        module = self.arguments[0]
        lines = [line for path, value in public_names(module) for line in _described(path, value)]
        if "all" in self.options:
            lines += [f"The following is imported from ``{module}``.", ""]
            lines += [line for path, value in other_names(module) for line in _described(path, value)]
        return _parsed(self, lines)


class CallGroups(SphinxDirective):
    """Describe the groups of calls the client has."""

    def run(self) -> list[nodes.Node]:
        lines = []
        for kind in groups().values():
            lines += _described(f"{kind.__module__}.{kind.__qualname__}", kind)
        return _parsed(self, lines)


def public_names(module: str) -> list[tuple[str, object]]:
    """Return what `django_bbb.api` has from a module, or from one below it, in the order it is written there."""
    found = [(f"django_bbb.api.{name}", getattr(api, name)) for name in api.__all__]
    return sorted((one for one in found if _is_below(module, one[1])), key=lambda one: _line(one[1]))


def other_names(module: str) -> list[tuple[str, object]]:
    """Return the classes and functions a module has beside those."""
    found = [
        (f"{module}.{name}", value)
        for name, value in vars(importlib.import_module(module)).items()
        if name not in api.__all__
        and not name.startswith("_")
        and (inspect.isroutine(value) or inspect.isclass(value))
    ]
    return sorted((one for one in found if _is_below(module, one[1])), key=lambda one: _line(one[1]))


def _is_below(module: str, value: object) -> bool:
    return f"{getattr(value, '__module__', '')}.".startswith(f"{module}.")


def _line(value: object) -> tuple[str, int]:
    try:
        return inspect.getfile(value), inspect.getsourcelines(value)[1]  # type: ignore[arg-type]
    except (OSError, TypeError):
        return "", 0


def _described(path: str, value: object) -> list[str]:
    if not isinstance(value, type):
        return [f".. autofunction:: {path}" if inspect.isroutine(value) else f".. autodata:: {path}", ""]
    kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
    lines = [f".. {kind}:: {path}", "   :members:"]
    if value.__bases__ != (object,):
        lines.append("   :show-inheritance:")
    if not dataclasses.is_dataclass(value):
        return [*lines, "   :undoc-members:", ""]
    fields = own_fields(value)  # autodoc shows what is for the reader of answers in their types as well
    lines.append(f"   :exclude-members: {', '.join(name for name, _, _ in fields)}")
    for name, hint, comment in fields:
        lines += [
            "",
            f"   .. py:attribute:: {name}",
            f"      :type: {stringify_annotation(hint)}",
            "",
            f"      {comment}",
        ]
    return [*lines, ""]


def _parsed(directive: SphinxDirective, lines: list[str]) -> list[nodes.Node]:
    return directive.parse_text_to_nodes("\n".join(["```{eval-rst}", *lines, "```"]))


def without_arguments(
    app: Sphinx, what: str, name: str, value: object, options: object, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """Leave the arguments out of what only this package makes: answers, errors, words, groups of calls."""
    if not isinstance(value, type):
        return None
    made_here = issubclass(value, BBBError | Enum | tuple) or value in groups().values()
    is_read = any(hasattr(value, name) for name in ("from_xml", "from_json")) or ".callbacks" in value.__module__
    is_protocol = getattr(value, "_is_protocol", False)
    return ("", None) if made_here or is_protocol or (dataclasses.is_dataclass(value) and is_read) else None


def leave_out(app: Sphinx, what: str, name: str, value: object, skip: bool, options: object) -> bool | None:
    """Leave out how things are read and written; elements of XML are no part of the public surface."""
    return True if name.startswith(("from_", "to_json")) else None


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_role("name", XRefRole(), override=True)
    app.add_object_type("parameter", "parameter", "%s (parameter)", parse_parameter, objname="parameter")
    app.add_post_transform(BuiltinNames)
    app.add_directive("public-names", PublicNames)
    app.add_directive("call-groups", CallGroups)
    app.connect("missing-reference", resolve_name)
    app.connect("autodoc-process-signature", without_arguments)
    app.connect("autodoc-skip-member", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
