"""The VBA by which the add-in has its worksheet functions, as text for one of its modules.

xlwings would write it too (``ImportPythonUDFsToAddin``), but needs Excel for it, with its VBA open to programs. And its
text hands over the active workbook, in which xlwings then looks for sheets with Python code to run; this one does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from behov_xl.addin.settings import FUNCTIONS
from behov_xl.messages import Catalogue

_ARGUMENTS = {
    "BEHOV_BELOP": ("tekst",),
    "BEHOV_ETT_KRYSS": ("omrade",),
    "BEHOV_FUNN": ("funn",),
    "BEHOV_KRYSS": ("celle",),
    "BEHOV_SUMAVVIK": ("omrade", "sum"),
    "BEHOV_TIMEAVVIK": ("semestre", "ganger", "timer", "omfang"),
    "BEHOV_TIMER": ("tekst",),
}
_COUNTING = "BEHOV_FUNN"
"""Its argument may be left out, and xlwings replaces a second one, which users do not see, by the calling cell."""


def functions_source(words: Catalogue) -> str:
    """The functions with their help for Excel's function wizard. They run under Windows; elsewhere a cell says so.

    All is in the code page of the VBA project, Windows-1252. Help for the arguments has no place in a module's text; a
    procedure that runs by itself to tell Excel is what virus scanners look for.
    """
    return "\r\n".join(line for name in _ARGUMENTS for line in _function(name, words))


def _function(name: str, words: Catalogue) -> Iterator[str]:
    arguments = ", ".join(_ARGUMENTS[name])
    counting = name == _COUNTING
    yield f"Function {name}({'Optional ' if counting else ''}{arguments})"
    yield f"Attribute {name}.VB_Description = {_text(words, f'{name}.help')}"
    yield f'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \\n14"'
    yield "    #If Mac Then"
    yield f"        {name} = {_text(words, 'only_windows')}"
    yield "    #Else"
    if counting:  # without it, nothing tells Excel what the number depends on
        yield f"        Application.Volatile IsMissing({arguments})"
    passed = f"{arguments}, Nothing" if counting else arguments
    yield "        On Error GoTo Failed"
    yield f'        {name} = XLPy.CallUDF("{FUNCTIONS}", "{name}", Array({passed}), Nothing, Application.Caller)'
    yield "        Exit Function"
    yield "Failed:"
    yield f"        {name} = Err.Description"
    yield "    #End If"
    yield "End Function"
    yield ""


def _text(words: Catalogue, key: str) -> str:
    return '"' + words.text(f"functions.{key}").replace('"', '""') + '"'
