"""Where reference data are, and a small trial that every machine can simulate."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """Give the path of a reference file; skip, by its name, where it is not."""
    folder = Path(os.environ.get("ASKLEPION_REFERENCE_DATA") or HERE.parent / "shared" / "reference-data")

    def find(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"reference data {name} are not here (ASKLEPION_REFERENCE_DATA)")
        return folder / name

    return find


@pytest.fixture(scope="session")
def expected(reference: Callable[[str], Path]) -> dict[str, Any]:
    """Give the figures of R 4.2.2 with mmrm 0.3.18, metafor 3.8-1 and others, as the reference folder holds them."""
    return dict(json.loads(reference("expected_R.json").read_text()))


@pytest.fixture(scope="session")
def trial() -> pd.DataFrame:
    """Give 60 people in two arms at four visits, a third of them with gaps or dropout, under ADaM names."""
    return simulate(60, 4, seed=20)


class Ran(NamedTuple):
    """What a command exited with, printed, and said of errors."""

    code: object
    out: str
    err: str


@pytest.fixture
def analyse(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Give a function that runs `asklepion analyse COMMAND ...`."""

    def analyse(command: str, *arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["asklepion", "analyse", command, *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return Ran(caught.value.code, *capsys.readouterr())

    return analyse


@pytest.fixture
def file(trial: pd.DataFrame, tmp_path: Path) -> Path:
    """Give the small trial as a CSV."""
    path = tmp_path / "adcaps.csv"
    trial.to_csv(path, index=False)
    return path


def simulate(people: int, visits: int, *, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lags = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    spread = 3 + np.arange(visits)
    values = rng.multivariate_normal(np.zeros(visits), np.outer(spread, spread) * 0.6**lags, size=people)
    base, arm = rng.normal(40, 6, people), np.arange(people) % 2
    values += 0.5 * base[:, None] - 2 * np.arange(visits) - arm[:, None] * np.arange(visits)
    stays = np.arange(visits) < np.where(rng.random(people) < 0.25, rng.integers(1, visits, people), visits)[:, None]
    who, when = np.nonzero(stays & (rng.random((people, visits)) > 0.06))
    return pd.DataFrame(
        {
            "USUBJID": [f"P{k:03d}" for k in who],
            "AVISIT": [f"Week {4 * k + 4}" for k in when],
            "AVAL": values[who, when],
            "BASE": base[who],
            "TRT01P": np.array(["placebo", "treated"])[arm[who]],
            "SITE": np.array(["north", "south", "west"])[who % 3],
        }
    )
