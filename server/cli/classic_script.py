"""ES modules as one classic script: browsers load no modules as content scripts.

Not a bundler: each module keeps its own text and its own scope, `import` and `export` are written
as plain declarations, and modules stand in the order of their needs. What the modules use is
little: named imports, `import * as`, exported declarations and export lists, one a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from server.errors import UserError

_IMPORT = re.compile(
    r"^import\s+(?:\{(?P<names>[^}]*)\}|\*\s+as\s+(?P<all>\w+))\s+from\s+\"(?P<file>\./[^\"]+)\";\n",
    re.MULTILINE,
)
_DECLARED = re.compile(
    r"^export (?=(?:async )?(?:const|let|var|class|function\*?) (\w+))", re.MULTILINE
)
_LIST = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class ScriptError(UserError):
    """A module that cannot be written as part of a classic script: names file and what."""


def classic_script(folder: Path, modules: Iterable[str], name: str) -> str:
    """The script `var NAME = {all that `modules` export}`, with every module they import.

    Raises ScriptError for a missing module, a circle of imports, or a form it does not know.
    """
    texts: dict[str, str] = {}
    exported: dict[str, list[str]] = {}
    wanted = list(modules)
    for module in wanted:
        _add(folder, module, texts, exported, ())
    given = "".join(f"    ...{_scope(module)},\n" for module in wanted)
    return (
        "// Made of the modules beside it by `remitlens extension bundle`. Edit those, not this.\n"
        f"var {name} = (() => {{\n{''.join(texts.values())}  return {{\n{given}  }};\n}})();\n"
    )


def _scope(module: str) -> str:
    return "in_" + re.sub(r"\W", "_", module.removesuffix(".js"))


def _add(
    folder: Path,
    module: str,
    texts: dict[str, str],
    exported: dict[str, list[str]],
    above: tuple[str, ...],
) -> None:
    if module in texts:
        return
    if module in above:
        raise ScriptError(f"{folder / module}: imports itself by way of {above[-1]}")
    try:
        text = (folder / module).read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"{folder / module}: {error.strerror}") from None
    for found in _IMPORT.finditer(text):
        source = found["file"].removeprefix("./")
        _add(folder, source, texts, exported, (*above, module))
        for name in filter(None, (each.split(" as ")[0].strip() for each in _named(found))):
            if name not in exported[source]:
                raise ScriptError(f"{folder / module}: {source} exports no {name}")
    text = _IMPORT.sub(_imported, text)
    names = _DECLARED.findall(text)
    text = _DECLARED.sub("", text)
    for found in _LIST.finditer(text):
        names += [_renamed(each) for each in found[1].split(",") if each.strip()]
    text = _LIST.sub("", text)
    if left := _LEFT.search(text):
        raise ScriptError(f"{folder / module}: not understood: {left[0]}")
    exported[module] = [name.split(":")[0] for name in names]
    texts[module] = (
        f"const {_scope(module)} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();\n"
    )


def _named(found: re.Match[str]) -> list[str]:
    return found["names"].split(",") if found["names"] else []


def _imported(found: re.Match[str]) -> str:
    source = _scope(found["file"].removeprefix("./"))
    if found["all"]:
        return f"const {found['all']} = {source};\n"
    names = [re.sub(r"\s+as\s+", ": ", each.strip()) for each in _named(found)]
    return f"const {{ {', '.join(filter(None, names))} }} = {source};\n"


def _renamed(each: str) -> str:
    own, _, other = (part.strip() for part in each.strip().partition(" as "))
    return f"{other}: {own}" if other else own
