"""`asklepion accounts` at the command line, for real: a process of its own on a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PASSWORD = "seven quiet lanterns"
FIRST = ("create", "ada", "--role", "administrator", "--name", "Ada Min", "--password-stdin")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    home = {"ASKLEPION_HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}

    def run(*arguments: str, typed: str = PASSWORD + "\n") -> "subprocess.CompletedProcess[str]":
        command = (sys.executable, "-m", "asklepion", "accounts", *arguments)
        return subprocess.run(command, env=home, input=typed, capture_output=True, text=True, check=False)

    return run


def test_the_first_administrator_comes_into_being(run: Run) -> None:
    empty = run("list")
    assert empty.returncode == 1
    assert "asklepion accounts create NAME --role administrator" in empty.stdout
    made = run(*FIRST)
    assert made.returncode == 0, made.stderr
    assert made.stdout == "ada can sign in as administrator. The first sign-in sets up the code app.\n"
    listed = run("list", "--json")
    assert listed.returncode == 0
    assert json.loads(listed.stdout) == [
        {
            "username": "ada",
            "printed_name": "Ada Min",
            "role": "administrator",
            "course": "",
            "active": True,
            "second_factor": False,
        }
    ]
    assert PASSWORD not in made.stdout + made.stderr + listed.stdout


def test_a_last_administrator_comes_back_with_a_new_password(run: Run) -> None:
    run(*FIRST)
    assert run("reset", "ada", "--password-stdin", typed="another calm sentence\n").returncode == 0
    gone = run("reset", "bea", "--password-stdin")
    assert gone.returncode == 1
    assert "There is no such account." in gone.stderr


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (("ada", "--role", "king", "--name", "Ada Min", "--password-stdin"), PASSWORD, "There is no role king."),
        (("Ada Min", "--role", "auditor", "--name", "A", "--password-stdin"), PASSWORD, "lower-case letters"),
        (("ada", "--role", "auditor", "--name", " ", "--password-stdin"), PASSWORD, "The printed name is empty."),
        (("ada", "--role", "auditor", "--name", "A", "--password-stdin"), "short", "at least 12 characters"),
        (("ada", "--role", "auditor", "--name", "A", "--password-stdin"), "", "too short"),
        (("ada", "--role", "auditor", "--name", "A"), PASSWORD, "There is no terminal to ask for the password."),
        (("ada", "--role", "participant", "--name", "A", "--password-stdin"), PASSWORD, "belongs to a course"),
        (
            ("ada", "--role", "participant", "--name", "A", "--course", "AK-0001", "--password-stdin"),
            PASSWORD,
            "No course has this code.",
        ),
    ],
)
def test_misuse_is_said_and_nothing_is_made(run: Run, arguments: tuple[str, ...], typed: str, says: str) -> None:
    told = run("create", *arguments, typed=typed)
    assert told.returncode == 2
    assert says in told.stderr
    assert "Traceback" not in told.stderr
    assert json.loads(run("list", "--json").stdout) == []


def test_a_name_is_taken_once(run: Run) -> None:
    run(*FIRST)
    again = run(*FIRST)
    assert again.returncode == 2
    assert "This name is taken" in again.stderr
