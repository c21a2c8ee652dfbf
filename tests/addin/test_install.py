"""Installing, removing and asking how it stands, over the layouts of Windows and macOS laid in a temporary folder."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from addin_file import modules_of
from test_cli import run

from behov_xl.addin import install as installation
from behov_xl.addin.build import addin_bytes, xlwings_file
from behov_xl.addin.install import Refused, install, remove, status
from behov_xl.addin.machine import (
    COMPUTER,
    DEFENDER_RULES,
    MACOS,
    POLICIES,
    USER,
    WINDOWS,
    Machine,
    is_passing,
    this_machine,
)
from behov_xl.addin.settings import Settings, read_settings
from behov_xl.messages import LANGUAGES, catalogue

WORDS = catalogue("nb")
XLWINGS = version("xlwings")
SECURITY = r"Microsoft\Office\16.0\Excel\Security"


@pytest.fixture
def windows(tmp_path: Path) -> Machine:
    """As a Windows user has it after Excel was started once; xlwings' DLL lies where pip puts it."""
    startup = tmp_path / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    startup.mkdir(parents=True)
    return Machine(WINDOWS, startup, Path(sys.executable))


@pytest.fixture
def mac(tmp_path: Path) -> Machine:
    startup = (
        tmp_path / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized" / "Startup.localized" / "Excel"
    )
    startup.mkdir(parents=True)
    scripts = tmp_path / "Library" / "Application Scripts" / "com.microsoft.Excel"
    return Machine(MACOS, startup, Path(sys.executable), scripts)


@pytest.fixture(params=["windows", "mac"])
def machine(request: pytest.FixtureRequest) -> Machine:
    return request.getfixturevalue(request.param)


def warm_python(folder: Path) -> Path:
    """A virtual environment as pip leaves it on Windows: the DLL at its root, the interpreter in Scripts."""
    scripts = folder / ".venv" / "Scripts"
    scripts.mkdir(parents=True)
    (folder / ".venv" / f"xlwings64-{XLWINGS}.dll").touch()
    interpreter = scripts / "python.exe"
    interpreter.symlink_to(sys.executable)
    return interpreter


def reason(refused: pytest.ExceptionInfo[Refused]) -> str:
    """As the user reads it, in every language."""
    said = [catalogue(lang).words(refused.value.reason) for lang in LANGUAGES]
    assert all(said)
    return said[0]


def test_installing_puts_the_addin_with_this_python_where_excel_loads_it(machine: Machine) -> None:
    done = install(machine, WORDS)
    assert done.path == machine.startup / "behov_xl.xlam"
    assert [path.name for path in machine.startup.iterdir()] == ["behov_xl.xlam"]
    found = read_settings(done.path.read_bytes())
    assert (found.interpreter, found.version, found.xlwings) == (sys.executable, version("behov-xl"), XLWINGS)
    assert f'XLWINGS_VERSION As String = "{XLWINGS}"' in modules_of(done.path.read_bytes())["xlwings"]


def test_what_is_installed_works_and_says_so(machine: Machine) -> None:
    install(machine, WORDS)
    said = status(machine)
    assert (said.problems, said.notes) == ([], [])


def test_installing_again_replaces_an_older_addin(machine: Machine) -> None:
    path = machine.startup / "behov_xl.xlam"
    path.write_bytes(b"eldre")
    assert status(machine).problems[0].key == "addin_file.foreign"
    install(machine, WORDS)
    assert status(machine).problems == []
    before = path.read_bytes()
    install(machine, WORDS)
    assert path.read_bytes() == before


def test_removing_leaves_the_folder_as_it_was(machine: Machine) -> None:
    other = machine.startup / "PERSONAL.XLSB"
    other.write_bytes(b"brukerens")
    path = install(machine, WORDS).path
    assert remove(machine).path == path
    assert [one.name for one in machine.startup.iterdir()] == ["PERSONAL.XLSB"]
    assert other.read_bytes() == b"brukerens"
    assert remove(machine) is None
    assert [one.key for one in status(machine).problems] == ["addin_file.not_installed"]


def test_python_stays_warm_where_xlwings_dll_lies_beside_it(windows: Machine, tmp_path: Path) -> None:
    assert not install(windows, WORDS).warm
    warm = Machine(WINDOWS, windows.startup, warm_python(tmp_path))
    assert install(warm, WORDS).warm
    assert read_settings((windows.startup / "behov_xl.xlam").read_bytes()).warm
    (tmp_path / ".venv" / f"xlwings64-{XLWINGS}.dll").unlink()
    assert "addin_file.no_dll" in [one.key for one in status(warm).problems]


def test_on_a_mac_the_script_that_starts_python_is_installed_too(mac: Machine) -> None:
    script = install(mac, WORDS).script
    assert script == mac.scripts / f"xlwings-{XLWINGS}.applescript"
    assert script.read_bytes() == xlwings_file(script.name).read_bytes()
    assert (
        '"xlwings-" & XLWINGS_VERSION & ".applescript"'
        in modules_of((mac.startup / "behov_xl.xlam").read_bytes())["xlwings"]
    )
    script.unlink()
    (problem,) = status(mac).problems
    assert script.name in WORDS.words(problem)


def test_the_script_stays_for_other_addins_and_that_is_told(mac: Machine) -> None:
    script = install(mac, WORDS).script
    assert remove(mac).script == script
    assert script.exists()
    install(mac, WORDS)
    script.unlink()
    assert remove(mac).script is None


def test_on_windows_there_is_no_script_to_tell_of(windows: Machine) -> None:
    install(windows, WORDS)
    assert remove(windows).script is None


@pytest.mark.parametrize("path", ["/Users/Kari Nordmann/venv/bin/python", "/Users/kari/a'b/python", "/opt/$x/python"])
def test_a_python_that_excel_for_mac_cannot_start_is_not_installed(mac: Machine, path: str) -> None:
    with pytest.raises(Refused) as refused:
        install(Machine(MACOS, mac.startup, Path(path), mac.scripts), WORDS)
    assert path in reason(refused)
    assert list(mac.startup.iterdir()) == []


@pytest.mark.parametrize(
    "interpreter",
    [
        r"C:\Users\kari\AppData\Local\uv\cache\archive-v0\x1Yz\Scripts\python.exe",
        r"C:\Users\kari\AppData\Local\Temp\venv\Scripts\python.exe",
        r"C:\Users\kari\pipx\.cache\4f1a\Scripts\python.exe",
        r"C:\Users\kari\AppData\Local\pipx\pipx\Cache\4f1a\Scripts\python.exe",
        "/Users/kari/.cache/uv/environments-v2/behov-1a2b/bin/python",
        "/Users/kari/.cache/uv/builds-v0/.tmpAbC/bin/python",
        "/Users/kari/.local/pipx/.cache/4f1a/bin/python",
        "/Users/kari/Library/Caches/pipx/4f1a/bin/python",
        "/home/kari/.cache/pipx/4f1a/bin/python",
        "/private/var/folders/x1/abc/T/venv/bin/python",
    ],
)
def test_a_python_that_is_gone_tomorrow_is_not_installed(windows: Machine, interpreter: str) -> None:
    with pytest.raises(Refused) as refused:
        install(Machine(WINDOWS, windows.startup, Path(interpreter)), WORDS)
    assert interpreter in reason(refused)
    assert "uv tool install behov-xl" in reason(refused)
    assert list(windows.startup.iterdir()) == []


@pytest.mark.parametrize(
    "interpreter",
    [
        r"C:\Users\kari\AppData\Local\Programs\Python\Python312\python.exe",
        r"C:\Users\kari\AppData\Roaming\uv\tools\behov-xl\Scripts\python.exe",
        r"C:\Users\kari\pipx\venvs\behov-xl\Scripts\python.exe",
        r"C:\Templates\venv\Scripts\python.exe",
        "/Users/kari/.local/share/uv/tools/behov-xl/bin/python",
        "/Users/kari/.local/share/pipx/venvs/behov-xl/bin/python",
        "/opt/homebrew/bin/python3.12",
    ],
)
def test_a_python_that_stays_is_not_taken_for_one_that_is_gone_tomorrow(interpreter: str) -> None:
    assert not is_passing(Path(interpreter))


@pytest.fixture
def store(tmp_path: Path) -> Machine:
    """As a Python from Microsoft Store sees it: what it writes to Roaming is in a folder of its own."""
    real = tmp_path / "AppData/Local/Packages/PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0/LocalCache/Roaming"
    (real / "Microsoft" / "Excel" / "XLSTART").mkdir(parents=True)
    (tmp_path / "AppData" / "Roaming").symlink_to(real)
    startup = tmp_path / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    return Machine(WINDOWS, startup, Path(sys.executable))


def test_what_excel_would_not_see_is_not_left_there(store: Machine) -> None:
    with pytest.raises(Refused) as refused:
        install(store, WORDS)
    assert "python.org" in reason(refused)
    assert list(store.startup.iterdir()) == []


def test_an_addin_that_excel_does_not_see_is_found_out(store: Machine) -> None:
    (store.startup / "behov_xl.xlam").write_bytes(addin_bytes(WORDS, Settings(sys.executable)))
    (problem,) = status(store).problems
    assert problem.key == "addin_file.store_python"


def test_the_startup_folder_is_made_if_excel_has_been_started(machine: Machine) -> None:
    machine.startup.rmdir()
    assert install(machine, WORDS).path.is_file()


def test_without_excels_folder_it_says_to_start_excel_first(machine: Machine) -> None:
    machine.startup.rmdir()
    machine.startup.parent.rmdir()
    with pytest.raises(Refused) as refused:
        install(machine, WORDS)
    assert "Start Excel" in reason(refused)
    assert str(machine.startup) in reason(refused)
    assert "--folder" in reason(refused)


def test_while_excel_has_it_open_nothing_is_written(machine: Machine) -> None:
    path = install(machine, WORDS).path
    before = path.read_bytes()
    lock = machine.startup / "~$behov_xl.xlam"
    lock.touch()
    for act in (lambda: install(machine, catalogue("nn")), lambda: remove(machine)):
        with pytest.raises(Refused) as refused:
            act()
        assert "Lukk alle vinduer i Excel" in reason(refused)
        assert lock.name in reason(refused)
    assert path.read_bytes() == before


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_a_file_that_cannot_be_written_is_explained(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """As Windows answers when Excel has the file open."""

    def fail(path: Path, data: bytes) -> None:
        raise error

    path = install(machine, WORDS).path
    before = path.read_bytes()
    monkeypatch.setattr(installation, "write_atomically", fail)
    with pytest.raises(Refused) as refused:
        install(machine, WORDS)
    assert str(path) in reason(refused)
    assert ("Lukk Excel" if isinstance(error, PermissionError) else "No space") in reason(refused)
    assert path.read_bytes() == before


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_file_that_cannot_be_removed_or_read_is_explained(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = install(machine, WORDS).path
    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(Refused) as refused:
        remove(machine)
    assert str(path) in reason(refused)
    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(Refused) as refused:
        status(machine)
    assert str(path) in reason(refused)


def test_a_python_that_is_gone_is_found_out(machine: Machine) -> None:
    path = install(machine, WORDS).path
    path.write_bytes(addin_bytes(WORDS, Settings(str(machine.startup / "borte" / "python.exe"))))
    (problem,) = status(machine).problems
    assert problem.key == "addin_file.no_python"


def test_an_addin_that_was_not_told_of_a_python_is_found_out(machine: Machine) -> None:
    (machine.startup / "behov_xl.xlam").write_bytes(addin_bytes(WORDS))
    problems = status(machine).problems
    assert problems[0].key == "addin_file.no_interpreter"


def test_variables_in_the_path_of_python_are_filled_in(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    path = install(machine, WORDS).path
    folder, name = os.path.split(sys.executable)
    monkeypatch.setenv("MITTPYTHON", folder)
    path.write_bytes(addin_bytes(WORDS, Settings(f"%MITTPYTHON%/{name}")))
    assert status(machine).problems == []
    path.write_bytes(addin_bytes(WORDS, Settings(f"%FINNESIKKE%/{name}")))
    assert "%FINNESIKKE%" in WORDS.words(status(machine).problems[0])


def python_that(folder: Path, script: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "key", "said"),
    [
        ("echo \"ModuleNotFoundError: No module named 'behov_xl'\" >&2; exit 1", "python_without", "No module named"),
        ("exit 1", "python_without", "finner ikke behov-xl ()"),
        ("echo hei", "other_version", "behov-xl ?, xlwings hei"),
        ("echo 9.9.9 0.99.0", "other_version", "behov-xl 9.9.9, xlwings 0.99.0"),
    ],
)
def test_a_python_without_the_right_behov_xl_is_found_out(
    machine: Machine, tmp_path: Path, script: str, key: str, said: str
) -> None:
    path = install(machine, WORDS).path
    path.write_bytes(addin_bytes(WORDS, Settings(str(python_that(tmp_path, script)))))
    (problem,) = status(machine).problems
    assert problem.key == f"addin_file.{key}"
    assert said in WORDS.words(problem)


def test_a_python_that_never_answers_is_given_up(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install(machine, WORDS).path
    path.write_bytes(addin_bytes(WORDS, Settings(str(python_that(tmp_path, "exec sleep 60")))))
    monkeypatch.setattr(installation, "_PATIENCE", 0.2)
    (problem,) = status(machine).problems
    assert problem.key == "addin_file.slow_python"


def registry(hive: str = USER, **values: int):
    """A registry with these policies set by IT."""
    set_by_it = {
        (hive, rf"Software\Policies\{policy.key}", policy.name): values[policy.name]
        for policy in POLICIES
        if policy.name in values
    }
    return lambda *place: set_by_it.get(place)


@pytest.mark.parametrize("hive", [USER, COMPUTER])
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_what_it_forbids_is_told(windows: Machine, policy, hive: str) -> None:
    install(windows, WORDS)
    forbidden = Machine(
        WINDOWS, windows.startup, windows.interpreter, None, registry(hive, **{policy.name: policy.values[0]})
    )
    said = status(forbidden)
    (told,) = said.problems if policy.blocks else said.notes
    for lang in LANGUAGES:
        assert policy.name in catalogue(lang).words(told)
    assert len(said.problems) + len(said.notes) == 1


def test_settings_that_forbid_nothing_are_not_told(windows: Machine) -> None:
    install(windows, WORDS)
    allowed = registry(VBAWarnings=2, blockcontentexecutionfrominternet=0, DisableAllAddins=0)
    said = status(Machine(WINDOWS, windows.startup, windows.interpreter, None, allowed))
    assert (said.problems, said.notes) == ([], [])


def test_the_users_own_trust_center_counts_too() -> None:
    by_user = {(USER, rf"Software\{SECURITY}", "DisableAllAddins"): 1}
    assert [one.name for one in POLICIES if one.found(lambda *place: by_user.get(place))] == ["DisableAllAddins"]


DEFENDER = r"Microsoft\Windows Defender"
BY_GROUP_POLICY = rf"SOFTWARE\Policies\{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules"
ON_THE_MACHINE = rf"SOFTWARE\{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules"
BY_INTUNE = rf"SOFTWARE\Policies\{DEFENDER}\Policy Manager"


def defender(values: dict[tuple[str, str], int | str]):
    return lambda hive, key, name: values.get((key, name)) if hive == COMPUTER else None


@pytest.mark.parametrize("rule", DEFENDER_RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("where", [BY_GROUP_POLICY, ON_THE_MACHINE, BY_INTUNE])
def test_what_defender_stops_is_told(windows: Machine, rule, where: str) -> None:
    install(windows, WORDS)
    other = "26190899-1602-49e8-8b27-eb1d0a1ce869=1"
    if where == BY_INTUNE:
        values = {(where, "ASRRules"): f"{other}|{rule.id.upper()}=1"}
    else:
        values = {(where, rule.id): "1" if where == BY_GROUP_POLICY else 1}
    said = status(Machine(WINDOWS, windows.startup, windows.interpreter, None, defender(values)))
    (told,) = said.problems
    assert said.notes == []
    for lang in LANGUAGES:
        assert rule.id in catalogue(lang).words(told)
        assert "IT" in catalogue(lang).words(told)


@pytest.mark.parametrize("state", ["0", "2", "5", "6"])
def test_what_defender_only_watches_is_not_told(state: str) -> None:
    """Off, audit, not configured, warn."""
    for rule in DEFENDER_RULES:
        for values in (
            {(BY_GROUP_POLICY, rule.id): state},
            {(BY_INTUNE, "ASRRules"): f"{rule.id}={state}|26190899-1602-49e8-8b27-eb1d0a1ce869=1"},
            {(BY_INTUNE, "ASRRules"): ""},
        ):
            assert not rule.found(defender(values))


def test_where_there_is_no_excel_it_says_so() -> None:
    for act in (lambda machine: install(machine, WORDS), remove, status):
        with pytest.raises(Refused) as refused:
            act(Machine("linux", None, Path(sys.executable)))
        assert "addin build" in reason(refused)


def test_windows_without_appdata_is_explained() -> None:
    with pytest.raises(Refused) as refused:
        install(Machine(WINDOWS, None, Path(sys.executable)), WORDS)
    assert "APPDATA" in reason(refused)


def test_this_machine_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path))
    machine = this_machine()
    assert machine.startup == tmp_path / "Microsoft" / "Excel" / "XLSTART"
    assert machine.interpreter == Path(sys.executable)
    monkeypatch.delenv("APPDATA")
    assert this_machine().startup is None
    assert this_machine(tmp_path).startup == tmp_path


def test_this_machine_on_macos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    machine = this_machine()
    office = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
    assert machine.startup == tmp_path / office
    assert machine.scripts == tmp_path / "Library/Application Scripts/com.microsoft.Excel"


# -------------------------------------------------------------------------------------- the command


@pytest.mark.skipif(sys.platform != "linux", reason="there is an Excel, and it is the user's")
@pytest.mark.parametrize("command", ["install", "remove", "status"])
def test_the_command_says_on_linux_that_excel_does_not_run_here(command: str) -> None:
    done = run("addin", command)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Windows" in done.stderr
    assert "Traceback" not in done.stderr


FAKE = """
import sys
from pathlib import Path
import behov_xl.addin.machine as machine
from behov_xl.cli import main
machine.this_machine = lambda folder=None: machine.Machine({platform!r}, Path({startup!r}), Path(sys.executable), {scripts})
main(sys.argv[1:], "behov-xl")
"""


def test_the_commands_on_a_machine_with_excel(machine: Machine) -> None:
    import subprocess

    scripts = f"Path({str(machine.scripts)!r})" if machine.scripts else "None"
    program = FAKE.format(platform=machine.platform, startup=str(machine.startup), scripts=scripts)

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            [sys.executable, "-c", program, "addin", *arguments], capture_output=True, text=True, env=env
        )

    path = machine.startup / "behov_xl.xlam"
    done = command("status")
    assert (done.returncode, done.stderr) == (1, "")
    assert "ikke installert" in done.stdout
    done = command("install", "--lang", "nn")
    assert (done.returncode, done.stderr) == (0, "")
    assert str(path) in done.stdout
    assert sys.executable in done.stdout
    assert ("applescript" in done.stdout) is (machine.platform == MACOS)
    assert "fana Behovsmelding" in done.stdout
    done = command("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"xlwings {XLWINGS}" in done.stdout
    done = command("remove")
    assert (done.returncode, path.exists()) == (0, False)
    assert str(path) in done.stdout
    assert ("applescript blir liggende" in done.stdout) is (machine.platform == MACOS)
    (machine.startup / "~$behov_xl.xlam").touch()
    done = command("install")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Lukk alle vinduer" in done.stderr


def test_the_command_builds_a_file_for_it_to_hand_out(tmp_path: Path) -> None:
    target = tmp_path / "ut" / "behovsmelding.xlam"
    target.parent.mkdir()
    python = r"%LOCALAPPDATA%\behov-xl\python.exe"
    done = run("addin", "build", "-o", str(target), "--interpreter", python, "--lang", "nn")
    assert (done.returncode, done.stdout) == (0, "")
    assert target.read_bytes() == addin_bytes(catalogue("nn"), Settings(python))
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert run("addin", "build", "-o", str(target)).returncode == 2
    done = run("addin", "build", "-o", str(target), "--force")
    assert done.returncode == 0
    assert "--interpreter" in done.stderr
    assert target.read_bytes() == addin_bytes(WORDS)
    done = run("addin", "build", cwd=tmp_path)
    assert (tmp_path / "behov_xl.xlam").read_bytes() == target.read_bytes()


@pytest.mark.parametrize("name", ["tillegg.xlsx", "tillegg", "finnes-ikke/tillegg.xlam"])
def test_the_command_refuses_a_name_that_excel_would_not_load(tmp_path: Path, name: str) -> None:
    done = run("addin", "build", "-o", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
