"""behov-xl in Excel without Python on the adviser's machine: the scripts and functions for xlwings Server or Lite.

xlwings Server: put the file into the packages ``custom_functions`` and ``custom_scripts`` of the server's project, with
``from .xlwings_main import *`` in both ``__init__.py``, and install behov-xl beside the server. xlwings Lite: this text
is the workbook's main.py, and behov-xl stands in its requirements.txt.

Their licences are their own. xlwings Server is a part of xlwings PRO: PolyForm Noncommercial, or a paid licence for any
other use. xlwings Lite has its own terms too. The add-in for desktop Excel needs neither of them.
"""

import xlwings as xw

from behov_xl.addin import actions
from behov_xl.addin.functions import *  # noqa: F403


@xw.script
def valider(book: xw.Book) -> None:
    """Sjekker behovsmeldingen og skriver funnene inn i arket Validering."""
    actions.validate(book)


@xw.script
def fjern_merknader(book: xw.Book) -> None:
    """Tar funnene ut av arket Validering igjen. Begrunnelser under Kvittering blir stående."""
    actions.clear(book)
