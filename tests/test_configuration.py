"""What is settled in a file: which file counts, what it may say, and that the command line counts over it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from test_cli import FEIL, KOMPLETT, run

from behov_xl.configuration import Configuration, ConfigurationError, find, limits, read, with_settings
from behov_xl.form import Form
from behov_xl.messages import LANGUAGES, catalogue


def test_the_nearest_file_counts_alone(tmp_path: Path) -> None:
    inner = tmp_path / "inn" / "2026"
    inner.mkdir(parents=True)
    (tmp_path / "behov-xl.toml").write_text('lang = "nn"\nignore = "BX7"\n', encoding="utf-8")
    assert find(inner).options == {"lang": "nn", "ignore": ["BX7"]}
    (tmp_path / "inn" / "pyproject.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")
    assert find(inner).path == tmp_path / "behov-xl.toml"
    (tmp_path / "inn" / "pyproject.toml").write_text('[tool.behov-xl]\nlang = "en"\n', encoding="utf-8")
    assert find(inner).options == {"lang": "en"}
    (tmp_path / "inn" / "behov-xl.toml").write_text('lang = "nb"\n', encoding="utf-8")
    assert find(inner).options == {"lang": "nb"}


def used(form: Form, path: Path) -> None:
    """All that is made of a file."""
    configuration = read(path)
    with_settings(form, configuration)
    limits(configuration)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('selekt = "BX3"', "«select»"),
        ('fail_on = "error"', "«fail-on»"),
        ('fail-on = "sometimes"', "warning"),
        ("select = 3", "select"),
        ('format = ["text", 1]', "format"),
        ("settings = 1", "settings"),
        ("lang = ", "behov-xl.toml"),
        ("[settings]\nminimum_owner_shar = 0.3", "«settings.minimum_owner_share»"),
        ("[settings]\nminimum_owner_share = 30", "settings.minimum_owner_share"),
        ("[settings]\nmaximum_measure_total = true", "settings.maximum_measure_total"),
        ("a = " + "[" * 20_000, "behov-xl.toml"),
        ("jobs = " + "9" * 5_000, "behov-xl.toml"),
        ("lang = 0x" + "F" * 5_000, "lang"),
        ("lang" + ".a" * 50_000 + " = 1", "200 kB"),
        ("lang" + ".a" * 500 + " = 1", "lang"),
        (f'select = ["{"3" * 100_000}", 3]', "select"),
        ("#" * 200_001, "200 kB"),
        ("jobs = 1025", "1024"),
        ("jobs = 100000000000000000000", "jobs"),
        ('format = ["text=a\\u0000b"]', "format"),
        ("limits.seconds = 1e11", "limits.seconds"),
        ("limits.seconds = 100000000000", "limits.seconds"),
        ("limits.seconds = 0x" + "F" * 5_000, "limits.seconds"),
        ("limits.memory_bytes = 10000000000000000000", "limits.memory_bytes"),
    ],
)
def test_what_a_file_may_not_say_is_told_with_file_and_key(form: Form, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "behov-xl.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        used(form, path)
    for lang in LANGUAGES:
        told = catalogue(lang).words(raised.value.said)
        assert str(path) in told
        assert said in told
        assert len(told) < 1_000


def test_settings_change_the_form_and_nothing_else_in_it(form: Form) -> None:
    changed = with_settings(form, Configuration(settings={"minimum_owner_share": 0.4}))
    assert changed.settings.minimum_owner_share == 0.4
    assert changed.settings.minimum_text_length == form.settings.minimum_text_length
    assert form.settings.minimum_owner_share is False
    assert changed.tables == form.tables
    assert with_settings(form, Configuration()) is form


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], Path]:
    def make(text: str) -> Path:
        (tmp_path / "behov-xl.toml").write_text(text, encoding="utf-8")
        shutil.copy(KOMPLETT, tmp_path / "a.xlsx")
        return tmp_path

    return make


def test_a_countys_settings_are_checked_by_every_command(configured: Callable[[str], Path]) -> None:
    here = configured('lang = "en"\n[settings]\nmaximum_submission_total = 1000\n')
    done = run("validate", "a.xlsx", cwd=here)
    assert done.returncode == 1
    assert "BX306" in done.stdout
    assert "Workbooks: 1" in done.stdout
    assert "errors: 1" in run("fix", "a.xlsx", "--diff", cwd=here).stdout
    done = run("annotate", "a.xlsx", "-o", "b.xlsx", cwd=here)
    assert done.returncode == 0
    assert "feil: 1" in done.stdout
    assert run("validate", "a.xlsx", "--no-config", cwd=here).returncode == 0


def test_the_command_line_counts_over_the_file_and_the_environment_too(configured: Callable[[str], Path]) -> None:
    here = configured('lang = "en"\nfail-on = "never"\nselect = ["BX3"]\nformat = "json"\n')
    done = run("validate", FEIL, cwd=here)
    assert done.returncode == 0
    (book,) = json.loads(done.stdout)["workbooks"]
    assert {one["code"][:3] for one in book["findings"]} == {"BX3", "BX1"}
    done = run("validate", FEIL, "--fail-on", "error", "--format", "text", "--lang", "nn", cwd=here)
    assert done.returncode == 1
    assert "Arbeidsbøker" in done.stdout
    assert "BX401" not in done.stdout
    assert "Arbeidsbøker" in run("validate", FEIL, "--format", "text", cwd=here, BEHOV_XL_LANG="nb").stdout


def test_a_file_may_be_named_and_a_faulty_one_is_wrong_usage(configured: Callable[[str], Path]) -> None:
    here = configured("selekt = 1\n")
    done = run("validate", "a.xlsx", cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Mente du «select»?" in done.stderr
    assert "Traceback" not in done.stderr
    (here / "annet.toml").write_text('select = "BX9"\n', encoding="utf-8")
    done = run("validate", "a.xlsx", "--config", "annet.toml", cwd=here)
    assert "BX9" in done.stderr
    assert run("validate", "a.xlsx", "--config", "nix.toml", cwd=here).returncode == 2
    assert run("validate", "--help", cwd=here).returncode == 0


def test_what_is_too_much_for_the_machine_may_just_not_be_said(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "behov-xl.toml"
    path.write_text(
        'jobs = 1024\nformat = "text"\n[limits]\nseconds = 1_000_000\nmemory_bytes = 1_000_000_000_000_000_000\n',
        encoding="utf-8",
    )
    shutil.copy(KOMPLETT, tmp_path / "a.xlsx")
    done = run("validate", "a.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("validate", "a.xlsx", "--jobs", "1025", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "jobs = " + "9" * 5_000, "lang = 0x" + "F" * 5_000])
def test_a_file_made_to_break_the_reader_is_wrong_usage_in_one_line(
    configured: Callable[[str], Path], text: str
) -> None:
    done = run("validate", ".", cwd=configured(text))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "behov-xl.toml" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('engine = "dask=tcp://127.0.0.1:1"', "engine"),
        ('format = ["csv={outside}"]', "format"),
        ('format = ["text", "csv=../funn.csv"]', "format"),
        ('format = ["csv=.git/hooks/post-checkout"]', "format"),
        ('format = ["csv=.bashrc"]', "format"),
        ('format = ["csv=link/funn.csv"]', "format"),
        ('format = ["csv=a.xlsx"]', "a.xlsx"),
        ('format = ["csv=innsendt.zip"]', "innsendt.zip"),
    ],
)
def test_what_was_only_found_sends_and_writes_nothing_elsewhere(
    configured: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory, text: str, said: str
) -> None:
    outside = tmp_path_factory.mktemp("annet")
    here = configured(text.replace("{outside}", str(outside / "funn.csv")))
    (here / ".git" / "hooks").mkdir(parents=True)
    (here / "link").symlink_to(outside)
    before = sorted(here.rglob("*"))
    for lang in LANGUAGES:
        done = run("validate", "a.xlsx", "--lang", lang, cwd=here)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert said in done.stderr
    assert (sorted(here.rglob("*")), list(outside.iterdir())) == (before, [])


def test_what_was_only_found_may_write_beside_and_what_is_named_anywhere(
    configured: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = configured('engine = "local"\nformat = ["json", "csv=funn.csv", "sarif=ut/funn.sarif"]\n')
    (here / "ut").mkdir()
    done = run("validate", "a.xlsx", cwd=here)
    assert json.loads(done.stdout)["summary"]["workbooks"] == 1
    assert (here / "funn.csv").exists()
    assert (here / "ut" / "funn.sarif").exists()
    outside = tmp_path_factory.mktemp("annet") / "funn.csv"
    configured(f'engine = "dask=tcp://127.0.0.1:1"\nformat = ["csv={outside.as_posix()}"]\n')
    said = run("validate", "a.xlsx", "--config", "behov-xl.toml", cwd=here).stderr
    assert "tcp://127.0.0.1:1" in said
    assert "--config" not in said.splitlines()[-1]
    assert run("validate", "a.xlsx", "--config", "behov-xl.toml", "--engine", "local", cwd=here).returncode == 0
    assert outside.exists()
    outside.unlink()
    given = ["--engine", "local", "--format", f"csv={outside}"]  # over what was found
    assert run("validate", "a.xlsx", *given, cwd=here).returncode == 0
    assert outside.exists()


def test_a_name_that_no_file_can_have_is_wrong_usage(tmp_path: Path) -> None:
    done = run("validate", KOMPLETT, "--format", f"text={'a' * 300}", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
