"""``python -m behov_xl`` is the command ``behov-xl``."""

from behov_xl.cli import main

main()
