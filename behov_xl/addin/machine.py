"""What depends on the machine: where Excel loads add-ins from, which Python the buttons start, what IT forbids."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WINDOWS, MACOS = "win32", "darwin"

_EXCEL = r"Microsoft\Office\16.0\Excel\Security"
_COMMON = r"Microsoft\Office\16.0\Common"
USER, COMPUTER = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"
_ROOTS = ((USER, r"Software\Policies"), (COMPUTER, r"Software\Policies"), (USER, "Software"))

Registry = Callable[[str, str, str], int | str | None]
"""Reads the registry: hive, key, name → a number, a text, or ``None``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A setting with which macros or add-ins are switched off."""

    key: str
    name: str
    values: tuple[int, ...]
    """The values that switch something off."""
    blocks: bool
    """Whether it stops an add-in that ``install`` put into Excel's startup folder, too."""

    @property
    def place(self) -> str:
        """Where IT finds it."""
        return rf"{self.key}\{self.name}"

    def found(self, registry: Registry) -> bool:
        """Whether it is set here: by IT, or by the user in Excel's Trust Center."""
        return any(registry(hive, rf"{root}\{self.key}", self.name) in self.values for hive, root in _ROOTS)


@dataclass(frozen=True, slots=True)
class DefenderRule:
    """A rule of Microsoft Defender («attack surface reduction») that stops what the add-in does."""

    id: str
    name: str
    blocks: bool = True

    @property
    def place(self) -> str:
        """The rule's own number: it is the same in every tool that IT may have set it with."""
        return self.id

    def found(self, registry: Registry) -> bool:
        """Whether it is set to block: by group policy, on this machine, or by Intune, which writes them all in one."""
        said = [registry(COMPUTER, rf"{root}\{_ASR}", self.id) for root in _DEFENDER]
        managed = str(registry(COMPUTER, _INTUNE, "ASRRules") or "")
        said += [state for rule, _, state in (one.partition("=") for one in managed.split("|")) if self._is(rule)]
        return any(str(one).strip() == "1" for one in said)

    def _is(self, rule: str) -> bool:
        return rule.strip(" {}").lower() == self.id


_ASR = r"Windows Defender Exploit Guard\ASR\Rules"
_DEFENDER = (r"SOFTWARE\Policies\Microsoft\Windows Defender", r"SOFTWARE\Microsoft\Windows Defender")
_INTUNE = r"SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"

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


DEFENDER_RULES = (
    DefenderRule("d4f940ab-401b-4efc-aadc-ad5f3c50688a", "asr_child_processes"),
    DefenderRule("92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b", "asr_win32_calls"),
)
"""Block all Office applications from creating child processes; block Win32 API calls from Office macros."""


def no_registry(hive: str, key: str, name: str) -> int | str | None:
    """The registry of a machine that has none."""
    del hive, key, name
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


_PASSING = re.compile(
    r"[\\/](?:(?:archive|builds|environments)-v\d+|\.cache[\\/]pipx|caches[\\/]pipx|pipx[\\/]\.?cache|appdata[\\/]local[\\/]temp"
    r"|var[\\/]folders)[\\/]",
    re.IGNORECASE,
)
"""Where ``uvx``, ``uv run`` and ``pipx run`` make an environment that is gone or another one tomorrow, and where
Windows and macOS have what is temporary."""


def is_passing(interpreter: Path) -> bool:
    """Whether a Python lies where it is not meant to stay."""
    return _PASSING.search(str(interpreter)) is not None


_STORE = re.compile(r"[\\/]Packages[\\/][^\\/]+[\\/]LocalCache[\\/]", re.IGNORECASE)


def is_hidden(path: Path) -> bool:
    """Whether only this Python sees a file that is there: one from Microsoft Store writes to a folder of its own.

    Windows shows such a Python both folders as one; the file's real path tells.
    """
    return _STORE.search(os.path.realpath(path)) is not None


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


def _windows_registry(hive: str, key: str, name: str) -> int | str | None:
    if sys.platform == "win32":
        import winreg

        root = winreg.HKEY_LOCAL_MACHINE if hive == COMPUTER else winreg.HKEY_CURRENT_USER
        try:
            with winreg.OpenKey(root, key, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return None
        return value if isinstance(value, int | str) else None
    return None
