"""A live book in LibreOffice: an engine for xlwings over the UNO bridge, as small as the actions need."""
