"""What other tools look for by name: the GitHub Action, run step by step as a runner would, the examples and the hook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree
from ruamel.yaml import YAML

from conftest import EXAMPLES

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def schema(name: str) -> Any:
    """A schema of the SchemaStore, or of GitLab, as the package check-jsonschema carries it."""
    return json.loads((files("check_jsonschema.builtin_schemas.vendor") / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (".github/actions/validate/action.yml", "github-actions"),
        (".github/examples/validate-workbooks.yml", "github-workflows"),
        (".github/examples/gitlab-ci.yml", "gitlab-ci"),
        *((f".github/workflows/{one.name}", "github-workflows") for one in sorted((GITHUB / "workflows").iterdir())),
    ],
)
def test_what_the_services_read_has_the_shape_that_they_document(path: str, name: str) -> None:
    jsonschema.validators.validator_for(schema(name))(schema(name)).validate(loaded(ROOT / path))


class Runner:
    """Runs the steps of a composite action, in bash and with the files and expressions that GitHub's runner has."""

    def __init__(self, action: Path, workspace: Path, temporary: Path) -> None:
        self.action, self.workspace, self.temporary = loaded(action), workspace, temporary
        self.path = action.parent
        self.outputs: dict[str, dict[str, str]] = {}
        self.summary = temporary / "summary.md"
        temporary.mkdir()

    def value(self, text: str, inputs: dict[str, str]) -> str:
        def evaluated(match: re.Match[str]) -> str:
            first, *rest = match[1].split(".")
            if first == "inputs":
                return inputs[rest[0]]
            if first == "steps":
                return self.outputs[rest[0]].get(rest[2], "")
            assert match[1] == "github.action_path"
            return str(self.path)

        return EXPRESSION.sub(evaluated, text)

    def run(self, step: dict[str, Any], inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
        output = self.temporary / f"output-{step['id']}"
        output.write_bytes(b"")
        env = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            **{key: os.environ[key] for key in ("PYTHONPATH",) if key in os.environ},
            **{name: self.value(str(text), inputs) for name, text in step["env"].items()},
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temporary),
        }
        assert step["shell"] == "bash"
        script = self.temporary / f"{step['id']}.sh"
        script.write_text(step["run"], encoding="utf-8")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            command, cwd=self.workspace, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120
        )
        pairs = (line.partition("=") for line in output.read_text(encoding="utf-8").splitlines())
        self.outputs[step["id"]] = {name: value for name, _, value in pairs}
        return done

    def validate(self, **given: str) -> subprocess.CompletedProcess[str]:
        """The whole action, but for the installation: the environment of the tests stands for it."""
        known = self.action["inputs"]
        assert set(given) <= set(known)
        inputs = {name: given.get(name, str(one.get("default", ""))) for name, one in known.items()}
        done = None
        for step in self.action["runs"]["steps"]:
            if step.get("id") == "install":
                self.outputs["install"] = {"bin": str(BIN)}
            elif "run" in step:
                done = self.run(step, inputs)
        assert done is not None
        return done


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    workspace = tmp_path / "arbeid"
    workspace.mkdir()
    for name in ("feil", "komplett"):
        shutil.copy(EXAMPLES / f"{name}_2026.xlsx", workspace / f"{name} $(touch tatt) 2026.xlsx")
    return Runner(GITHUB / "actions" / "validate" / "action.yml", workspace, tmp_path / "runner")


def test_the_action_annotates_writes_sarif_and_a_summary_and_ends_as_the_command_does(runner: Runner) -> None:
    done = runner.validate(paths="feil $(touch tatt) 2026.xlsx\r\n\n  \nkomplett $(touch tatt) 2026.xlsx\n", lang="en")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=feil $(touch tatt) 2026.xlsx,line=")
    assert "Workbooks: 2" in done.stdout
    assert runner.outputs["validate"] == {"sarif": "behov-xl.sarif", "exit-code": "1"}
    log = json.loads((runner.workspace / "behov-xl.sarif").read_text(encoding="utf-8"))
    assert len(log["runs"][0]["artifacts"]) == 2
    assert runner.summary.read_text(encoding="utf-8").startswith("# Statements of need: findings")
    assert not (runner.workspace / "tatt").exists()
    for output in runner.action["outputs"].values():
        assert runner.value(output["value"], {})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"paths": "komplett $(touch tatt) 2026.xlsx"}, 0),
        ({"paths": "."}, 1),
        ({"paths": ".", "fail-on": "never"}, 0),
        ({"paths": "nix.xlsx", "fail-on": "never"}, 2),
        ({"paths": ""}, 2),
        ({"paths": "--help"}, 2),
        ({"paths": ".", "config": "stille.toml"}, 0),
    ],
)
def test_the_action_fails_when_it_is_asked_to(runner: Runner, given: dict[str, str], code: int) -> None:
    (runner.workspace / "stille.toml").write_text('fail-on = "never"\n', encoding="utf-8")
    done = runner.validate(**given)
    assert done.returncode == code, done.stderr
    assert runner.outputs["validate"]["exit-code"] == str(code)


@pytest.mark.parametrize(
    "given",
    [
        {"fail-on": "kanskje"},
        {"config": "nix.toml"},
        {"sarif": "nix/rapport.sarif"},
        {"sarif": "."},
        {"sarif": "feil $(touch tatt) 2026.xlsx"},
        {"sarif": "/dev/null"},
    ],
    ids=str,
)
def test_the_action_names_no_report_that_it_did_not_write(runner: Runner, given: dict[str, str]) -> None:
    (runner.workspace / "behov-xl.sarif").write_text("{}", encoding="utf-8")  # of an earlier run
    done = runner.validate(paths="komplett $(touch tatt) 2026.xlsx", **given)
    assert runner.outputs["validate"] == {"exit-code": str(done.returncode)}
    assert done.returncode == (0 if given == {"sarif": "/dev/null"} else 2), done.stderr


def test_the_action_names_a_report_that_takes_the_place_of_an_older_one(runner: Runner) -> None:
    for _ in range(2):
        done = runner.validate(paths="nix.xlsx", sarif="mitt funn.sarif")
        assert done.returncode == 2
        assert runner.outputs["validate"] == {"sarif": "mitt funn.sarif", "exit-code": "2"}


def test_spaces_around_a_path_do_not_count(runner: Runner) -> None:
    (runner.workspace / "inn boks").mkdir()
    shutil.copy(EXAMPLES / "komplett_2026.xlsx", runner.workspace / "inn boks" / "a  b.xlsx")
    shutil.copy(EXAMPLES / "komplett_2026.xlsx", runner.workspace / "c  d.xlsx")
    done = runner.validate(paths="  inn boks/  \r\n\t\n\tc  d.xlsx \t\n", lang="en")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Workbooks: 2" in done.stdout


def test_no_step_has_an_expression_in_its_script() -> None:
    steps = runner_steps = loaded(GITHUB / "actions" / "validate" / "action.yml")["runs"]["steps"]
    for job in loaded(GITHUB / "examples" / "validate-workbooks.yml")["jobs"].values():
        steps = [*steps, *job["steps"]]
    assert len(steps) > len(runner_steps)
    assert not [step for step in steps if EXPRESSION.search(step.get("run", ""))]


def test_the_action_installs_its_own_checkout() -> None:
    action = GITHUB / "actions" / "validate"
    (install,) = (one for one in loaded(action / "action.yml")["runs"]["steps"] if one.get("id") == "install")
    checkout = Path(install["env"]["CHECKOUT"].replace("${{ github.action_path }}", str(action))).resolve()
    assert checkout == ROOT
    assert (checkout / "constraints.txt").is_file()


def test_the_example_workflow_lists_the_workbooks_that_a_pull_request_changes(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Kari Nordmann", "-c", "user.email=kari@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "borte.xlsx").write_text("1")
    (tmp_path / "lik.xlsx").write_text("1")
    git("add", ".")
    git("commit", "-qm", "før")
    (tmp_path / "borte.xlsx").unlink()
    (tmp_path / "mappe").mkdir()
    (tmp_path / "mappe" / "bodø ny.xlsx").write_text("2")
    (tmp_path / "mappe" / "NY.XLSX").write_text("2")
    (tmp_path / "mappe" / "notat.txt").write_text("2")
    git("add", ".")
    git("commit", "-qm", "etter")
    steps = loaded(GITHUB / "examples" / "validate-workbooks.yml")["jobs"]["validate"]["steps"]
    (changed,) = (one for one in steps if one.get("id") == "changed")
    output = tmp_path / "output"
    env = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-eo", "pipefail", "-c", changed["run"]], cwd=tmp_path, env=env, check=True)
    assert (
        output.read_text(encoding="utf-8") == "paths<<END_OF_PATHS\nmappe/NY.XLSX\nmappe/bodø ny.xlsx\nEND_OF_PATHS\n"
    )


def in_gitlab(workspace: Path, shell: str, **given: str) -> subprocess.CompletedProcess[str]:
    """The script of the example, as GitLab's runner has it run: in bash, or in sh where an image has no other."""
    pipeline = loaded(GITHUB / "examples" / "gitlab-ci.yml")
    script = "\n".join(pipeline["validate-workbooks"]["script"])
    env = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return subprocess.run(
        [*shell.split(), script],
        cwd=workspace, env={**env, **pipeline["variables"], **given}, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


@pytest.fixture(params=["bash -eo pipefail -c", "sh -ec"])
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_example_for_gitlab_writes_the_reports_that_it_uploads(tmp_path: Path, shell: str) -> None:
    shutil.copy(EXAMPLES / "feil_2026.xlsx", tmp_path)
    assert in_gitlab(tmp_path, shell).returncode == 1
    reports = loaded(GITHUB / "examples" / "gitlab-ci.yml")["validate-workbooks"]["artifacts"]["reports"]
    assert json.loads((tmp_path / reports["codequality"]).read_text(encoding="utf-8"))
    assert etree.parse(tmp_path / reports["junit"]).getroot().tag == "testsuites"


def zipped(name: str, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(EXAMPLES / name, name)


@pytest.mark.parametrize("beside", ["komplett_2026.xlsx", None])
def test_the_example_for_gitlab_opens_archives_in_directories(tmp_path: Path, shell: str, beside: str | None) -> None:
    zipped("feil_2026.xlsx", tmp_path / "fra Bodø *" / "inn  sendt.zip")
    zipped("komplett_2026.xlsx", tmp_path / "fra Bodø *" / "$(touch tatt).ZIP")
    if beside:
        shutil.copy(EXAMPLES / beside, tmp_path)
    done = in_gitlab(tmp_path, shell)
    assert done.returncode == 1, done.stderr
    checked = {line for line in done.stdout.splitlines() if re.search(r"\.xlsx$", line)}
    archives = {"fra Bodø */inn  sendt.zip!feil_2026.xlsx", "fra Bodø */$(touch tatt).ZIP!komplett_2026.xlsx"}
    assert checked == archives | ({beside} if beside else set())
    assert "zip" not in done.stderr.lower()
    assert not (tmp_path / "tatt").exists()


def test_the_example_for_gitlab_takes_one_path_per_line(tmp_path: Path, shell: str) -> None:
    (tmp_path / "fra Bodø").mkdir()
    shutil.copy(EXAMPLES / "komplett_2026.xlsx", tmp_path / "fra Bodø" / "a b.xlsx")
    shutil.copy(EXAMPLES / "feil_2026.xlsx", tmp_path)
    zipped("bodo_2026.xlsx", tmp_path / "b.zip")
    done = in_gitlab(tmp_path, shell, BEHOV_XL_PATHS="  fra Bodø \n\nb.zip\n")
    assert done.returncode == 1, done.stderr
    checked = {line for line in done.stdout.splitlines() if re.search(r"\.xlsx$", line)}
    assert checked == {"fra Bodø/a b.xlsx", "b.zip!bodo_2026.xlsx"}
    for nothing in ("", " \n"):
        assert in_gitlab(tmp_path, shell, BEHOV_XL_PATHS=nothing).returncode == 2


def test_the_example_for_gitlab_installs_outside_of_what_it_searches(tmp_path: Path) -> None:
    workspace = tmp_path / "arbeid"
    workspace.mkdir()
    job = loaded(GITHUB / "examples" / "gitlab-ci.yml")["validate-workbooks"]
    script = ["pip() { :; }", *job["before_script"], "command -v python"]
    env = {"PATH": "/usr/bin:/bin", "CI_PROJECT_DIR": str(workspace), "TMPDIR": str(tmp_path), "BEHOV_XL": "behov-xl"}
    # Every image of Python has a program of that name.
    script[0] += f'; python() {{ {sys.executable} "$@" --without-pip; }}'
    script.insert(-1, "unset -f python")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(script)], cwd=workspace, env=env, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    used = Path(done.stdout.decode().strip())
    assert used.is_relative_to(tmp_path)
    assert list(workspace.iterdir()) == []


def test_the_example_for_gitlab_starts_for_each_kind_that_it_checks() -> None:
    (rule,) = loaded(GITHUB / "examples" / "gitlab-ci.yml")["validate-workbooks"]["rules"]
    ((before, kinds, after),) = (re.split("[{}]", one) for one in rule["changes"])
    assert (before, after) == ("**/*.", "")
    assert {"xlsx", "XLSX", "zip", "ZIP"} == set(kinds.split(","))


def test_the_hook_of_pre_commit_checks_the_files_that_it_is_given() -> None:
    (hook,) = loaded(ROOT / ".pre-commit-hooks.yaml")
    chosen = [
        name
        for name in ("inn/bodø.xlsx", "BODØ.XLSX", "inn/~$bodø.xlsx", "~$BODØ.XLSX", "notat.txt", "makro.xlsm")
        if re.search(hook["files"], name) and not re.search(hook["exclude"], name)
    ]
    assert chosen == ["inn/bodø.xlsx", "BODØ.XLSX"]
    for name, code in (("komplett", 0), ("feil", 1)):
        command = [str(BIN / hook["entry"].split()[0]), *hook["entry"].split()[1:], str(EXAMPLES / f"{name}_2026.xlsx")]
        assert subprocess.run(command, capture_output=True, timeout=60).returncode == code


def test_the_container_file_copies_what_the_package_is_built_from() -> None:
    lines = (ROOT / ".ci" / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = {
        name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]
    }
    assert all((ROOT / name).exists() for name in copied)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {
        "pyproject.toml",
        "behov_xl",
        *re.findall(r'^(?:readme|license-files) = \[?"([^"]+)"', project, re.M),
    } <= copied
    assert any(line.startswith("USER ") and not line.startswith("USER 0") for line in lines)
