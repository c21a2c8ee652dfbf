"""A live book in LibreOffice: an engine for xlwings over the UNO bridge, as small as the actions need.

``engine.start()`` and ``engine.connect()`` give an ``xlwings.App``; from there everything goes through xlwings' own
classes, as with Excel. What the engine does not have raises ``NotImplementedError``. What differs from Excel:

- A text is written as a text, also ``007`` and ``1 234``, which Excel reads as if they were typed. As in Excel, ``=``
  begins a formula, and ``'`` a text as it is.
- A truth value is a number with the format of one; writing one gives the cell that format, a number takes it away.
  In a file from Excel, ``TRUE`` is the formula ``TRUE()`` to LibreOffice; it is read as the constant that it was.
- A time of day without a date is a number, as in Excel; an error is what LibreOffice would write into the file.
- Formulas are read in Excel's notation, table references as they stand in a file: ``Tiltak[[#This Row],[Sum eier]]``.
- Formulas that are set while calculation is manual have no value before ``app.calculate()``.
- A range stays where it is when rows are inserted above it. Formatted, empty cells are not part of the used range.
- Protected cells raise ``PermissionError``.
- Without a screen, ``app.alert()`` answers so that nothing happens; ``app.impl.alerts`` holds what was said, and
  ``app.impl.answer`` may be replaced. ``app.quit()`` ends a LibreOffice that was started here, and no other;
  ``app.impl.release()`` leaves it to the user.
- Undoing what was written empties no cell that was empty before (LibreOffice 7.4). ``book.api.UndoManager.lock()``
  keeps writing out of the history, so that the user's own last step is what is undone.
- xlwings has no words for a sheet's protection (``sheet.impl.protected``) and a book's custom properties
  (``book.impl.custom_properties()``).
"""
