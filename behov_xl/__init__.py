"""behov-xl: workbook, Excel add-in and validator for Norwegian behovsmeldinger."""


def __getattr__(name: str) -> str:
    # Looked up when asked for: importlib.metadata costs more than most commands do.
    if name == "__version__":
        from importlib.metadata import version

        return version("behov-xl")
    raise AttributeError(name)
