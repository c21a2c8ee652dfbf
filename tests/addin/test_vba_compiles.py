"""Another Basic compiles the modules: LibreOffice, for what Excel sees on Windows and what it sees on a Mac.

It knows neither VBA's conditional compilation nor ``Declare PtrSafe``, so what is left of them is taken out first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from addin_file import modules

from behov_xl.addin import vba
from conftest import Office

WINDOWS = {"app": "microsoft excel", "vba7": True, "win64": True, "mac": False, "mac_office_version": 0}
MAC = WINDOWS | {"win64": False, "mac": True, "mac_office_version": 16}
UNKNOWN = re.compile(r"^(?:Attribute .*|Option Private Module|\s*Private Declare .*)$", re.MULTILINE)
TYPES = re.compile(r"\bAs (?:IRibbonControl|Workbook|Worksheet|Range|Dictionary)\b")


def true(condition: str, constants: dict[str, object]) -> bool:
    negated, name, operator, value = re.fullmatch(r'(not )?(\w+)(?: (=|>=) "?(.*?)"?)?', condition.lower()).groups()
    if operator == ">=":
        return int(constants[name]) >= int(value)
    return (constants[name] == value if operator else bool(constants[name])) is not bool(negated)


def compiled_for(source: str, constants: dict[str, object]) -> Iterator[str]:
    """The lines that are left of ``#If … #ElseIf … #Else … #End If``."""
    states: list[tuple[bool, bool]] = []  # whether this branch counts, and whether one has
    for line in source.splitlines():
        directive = re.match(r"\s*#(If|ElseIf|Else|End If|Const)\b ?(?:(.*?) Then\b)?", line)
        if directive is None:
            if all(counts for counts, _ in states):
                yield line
        elif directive[1] == "If":
            states.append((true(directive[2], constants),) * 2)
        elif directive[1] == "End If":
            states.pop()
        elif directive[1] != "Const":
            _, had = states.pop()
            counts = not had and (directive[1] == "Else" or true(directive[2], constants))
            states.append((counts, had or counts))
    assert states == []


def write(folder: Path, name: str, source: str) -> None:
    known = TYPES.sub("As Object", UNKNOWN.sub("", source))
    probe = f'Function Probe{name}()\n    Probe{name} = "compiled"\nEnd Function\n'
    (folder / f"{name}.bas").write_text(f"Option VBASupport 1\n{known}\n{probe}", encoding="utf-8")


def test_another_basic_compiles_what_each_platform_sees(office: Office, tmp_path: Path) -> None:
    for module in (vba.XLWINGS, vba.CALLBACKS):
        for platform, constants in (("Windows", WINDOWS), ("Mac", MAC)):
            write(tmp_path, f"{module}{platform}", "\n".join(compiled_for(modules()[module], constants)))
    whole = "\n".join(compiled_for(modules()[vba.XLWINGS], WINDOWS))
    write(tmp_path, "zbroken", whole.replace("End If", "", 1))
    said = dict(line.split() for line in office.run("compile_basic", str(tmp_path)).splitlines())
    assert said == {
        "RibbonMyAddinMac": "compiled",
        "RibbonMyAddinWindows": "compiled",
        "xlwingsMac": "compiled",
        "xlwingsWindows": "compiled",
        "zbroken": "None",  # the last, for it breaks those that come after it
    }
