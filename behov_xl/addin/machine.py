"""What depends on the machine: where Excel loads add-ins from, which Python the buttons start, what IT forbids."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WINDOWS, MACOS = "win32", "darwin"

_EXCEL = r"Microsoft\Office\16.0\Excel\Security"
_COMMON = r"Microsoft\Office\16.0\Common"
_POLICIES, _OWN = r"Software\Policies", "Software"

Registry = Callable[[str, str], int | None]
"""Reads a number of the current user's registry: key, name → value, or ``None``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A setting with which macros or add-ins are switched off."""

    key: str
    name: str
    values: tuple[int, ...]
    """The values that switch something off."""
    blocks: bool
    """Whether it stops an add-in that ``install`` put into Excel's startup folder, too."""

    def found(self, registry: Registry) -> bool:
        """Whether it is set here: by IT, or by the user in Excel's Trust Center."""
        return any(registry(rf"{root}\{self.key}", self.name) in self.values for root in (_POLICIES, _OWN))


POLICIES = (
    Policy(_EXCEL, "DisableAllAddins", (1,), blocks=True),
    Policy(_EXCEL, "RequireAddinSig", (1,), blocks=True),
    Policy(_COMMON, "vbaoff", (1,), blocks=True),
    # The startup folder is a trusted location, in which macros run whatever the two settings below say …
    Policy(_EXCEL, "VBAWarnings", (3, 4), blocks=False),
    Policy(_EXCEL, "blockcontentexecutionfrominternet", (1,), blocks=False),
    # … unless there are no trusted locations.
    Policy(rf"{_EXCEL}\Trusted Locations", "AllLocationsDisabled", (1,), blocks=True),
)
"""What Excel's policies say of macros, by Microsoft's administrative templates for Office 2016 and later."""


def no_registry(key: str, name: str) -> int | None:
    """The registry of a machine that has none."""
    del key, name
    return None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as the installation sees it. Tests make their own."""

    platform: str
    startup: Path | None
    """Excel's startup folder; ``None`` where it cannot be known."""
    interpreter: Path
    scripts: Path | None = None
    """Where Excel for Mac looks for the AppleScripts that macros may run."""
    registry: Registry = no_registry

    @property
    def has_excel(self) -> bool:
        """Whether Excel with VBA exists for this platform."""
        return self.platform in {WINDOWS, MACOS}


def this_machine(folder: Path | None = None) -> Machine:
    """The machine that this runs on; ``folder`` is used in place of Excel's startup folder."""
    interpreter = Path(sys.executable)
    home = Path.home()
    if sys.platform == MACOS:
        office = home / "Library/Group Containers/UBF8T346G9.Office/User Content.localized"
        scripts = home / "Library/Application Scripts/com.microsoft.Excel"
        return Machine(sys.platform, folder or office / "Startup.localized/Excel", interpreter, scripts)
    if sys.platform == WINDOWS:
        roaming = os.environ.get("APPDATA")
        startup = Path(roaming) / "Microsoft" / "Excel" / "XLSTART" if roaming else None
        return Machine(sys.platform, folder or startup, interpreter, registry=_windows_registry)
    return Machine(sys.platform, folder, interpreter)


def _windows_registry(key: str, name: str) -> int | None:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return None
        return value if isinstance(value, int) else None
    return None
