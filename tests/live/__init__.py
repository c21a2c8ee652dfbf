"""Live books in a real LibreOffice, through xlwings."""
