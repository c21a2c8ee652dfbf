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
from behov_xl.addin.machine import MACOS, POLICIES, WINDOWS, Machine, this_machine
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
    assert remove(machine) == path
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


@pytest.mark.parametrize("path", ["/Users/Kari Nordmann/venv/bin/python", "/Users/kari/a'b/python", "/opt/$x/python"])
def test_a_python_that_excel_for_mac_cannot_start_is_not_installed(mac: Machine, path: str) -> None:
    with pytest.raises(Refused) as refused:
        install(Machine(MACOS, mac.startup, Path(path), mac.scripts), WORDS)
    assert path in reason(refused)
    assert list(mac.startup.iterdir()) == []


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


def registry(**values: int):
    """A registry with these policies set by IT."""
    set_by_it = {
        (rf"Software\Policies\{policy.key}", policy.name): values[policy.name]
        for policy in POLICIES
        if policy.name in values
    }
    return lambda key, name: set_by_it.get((key, name))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_what_it_forbids_is_told(windows: Machine, policy) -> None:
    install(windows, WORDS)
    forbidden = Machine(
        WINDOWS, windows.startup, windows.interpreter, None, registry(**{policy.name: policy.values[0]})
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
    by_user = {(rf"Software\{SECURITY}", "DisableAllAddins"): 1}
    assert [one.name for one in POLICIES if one.found(lambda key, name: by_user.get((key, name)))] == [
        "DisableAllAddins"
    ]


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
