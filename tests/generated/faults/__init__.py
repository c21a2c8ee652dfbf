"""The faults, a module per family of rules. Importing this package declares them all."""

from generated.faults import checkboxes, hours, references, structure, sums, texts, values
from generated.faults.registry import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "checkboxes", "hours", "references", "structure", "sums", "texts", "values"]
