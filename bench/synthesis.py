"""Speed of synthesis beside R's metafor on the same data, the same answer checked: `python -m bench.synthesis`.

R measures itself, without starting or reading. A network in metafor is rma.mv, half of tau squared shared in a trial.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asklepion.stats import meta
from asklepion.stats.network import Trial, network, ranks
from asklepion.stats.network.fitting import stack

_POOL = """suppressMessages(library(metafor)); d <- read.csv("{folder}/pool.csv")
f <- function() rma(y, v, data = d, test = "knha"); r <- f(); for (i in 1:5) f()
t <- system.time(for (i in 1:50) f())[["elapsed"]] / 50; cat(t, sprintf("%.12g", r$tau2), sprintf("%.12g", r$b))"""
_NETWORK = """suppressMessages(library(metafor)); d <- read.csv("{folder}/net.csv");
X <- as.matrix(read.csv("{folder}/x.csv"))
V <- as.matrix(read.csv("{folder}/v.csv")); a <- ave(d$trial, d$trial, FUN = seq_along)
f <- function() rma.mv(d$y, V, mods = ~ X - 1, random = ~ a | trial, struct = "CS", rho = 0.5, data = d); r <- f()
t <- system.time(for (i in 1:3) f())[["elapsed"]] / 3; cat(t, sprintf("%.12g", r$tau2), sprintf("%.12g", r$b[1]))"""
_LEVELS = """suppressMessages(library(metafor)); d <- read.csv("{folder}/levels.csv"); d$id <- seq_len(nrow(d))
f <- function() rma.mv(y, v, random = ~ 1 | study/id, data = d); r <- f()
t <- system.time(for (i in 1:5) f())[["elapsed"]] / 5; cat(t, sprintf("%.12g", r$sigma2[1]), sprintf("%.12g", r$b))"""


def main() -> None:
    """Measure and print the table; ends with an error where an answer differs from metafor's."""
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| work | here | goal | metafor | ratio |\n| --- | --- | --- | --- | --- |")
        print(_row("REML, Hartung-Knapp, both intervals, 50 studies", "1 ms", *_pool(rng, folder)))
        print(_row("network of 50 trials, 8 treatments, REML", "50 ms", *_network(rng, folder)))
        print(_row("three levels, 20 studies, 60 effects", "", *_levels(rng, folder)))


def _pool(rng: np.random.Generator, folder: Path) -> tuple[float, float]:
    v = rng.uniform(0.02, 0.2, 50)
    y = rng.normal(0.3, np.sqrt(0.1 + v))
    _write(folder / "pool.csv", "y,v", np.column_stack([y, v]))
    studies = [meta.Study(str(k), float(a), float(b)) for k, (a, b) in enumerate(zip(y, v, strict=True))]
    peer, tau2, effect = _r(_POOL, folder)
    told = meta.pool(studies)
    _same(told.tau2, tau2)
    _same(told.effect.estimate, effect)
    return _seconds(lambda: meta.pool(studies), 200), peer


def _network(rng: np.random.Generator, folder: Path) -> tuple[float, float]:
    names, true = "ABCDEFGH", rng.normal(0, 0.5, 8)
    trials = []
    for k in range(50):
        many = 3 if k % 5 == 0 else 2
        arms = sorted(rng.choice(8, many, replace=False).tolist())
        own, first = rng.uniform(0.02, 0.1, many - 1), float(rng.uniform(0.02, 0.1))
        spread = np.full((many - 1, many - 1), first) + np.diag(own)
        shared = spread + 0.05 + 0.05 * np.eye(many - 1)
        effects = rng.multivariate_normal(true[arms[1:]] - true[arms[0]], shared)
        covariance = tuple(map(tuple, spread.tolist()))
        trials.append(Trial(f"t{k}", tuple(names[a] for a in arms), tuple(effects.tolist()), covariance))
    stacked = stack(trials, names, "A")
    _write(folder / "net.csv", "y,trial", np.column_stack([stacked.y, stacked.trial]))
    _write(folder / "x.csv", ",".join(names[1:]), stacked.x)
    _write(folder / "v.csv", ",".join(f"c{k}" for k in range(len(stacked.y))), stacked.v)
    peer, tau2, effect = _r(_NETWORK, folder)
    told = network(trials, reference="A")
    _same(told.tau2, tau2)
    _same(told.effects[0].estimate, effect)
    ranks(told, lower_is_better=True)
    return _seconds(lambda: network(trials, reference="A"), 20), peer


def _levels(rng: np.random.Generator, folder: Path) -> tuple[float, float]:
    study = np.repeat(np.arange(20), 3)
    v = rng.uniform(0.02, 0.1, 60)
    y = rng.normal(0, 0.3, 20)[study] + rng.normal(0, np.sqrt(0.04 + v))
    _write(folder / "levels.csv", "study,y,v", np.column_stack([study, y, v]))
    effects = [
        meta.Nested(str(s), meta.Study(str(k), float(a), float(b)))
        for k, (s, a, b) in enumerate(zip(study, y, v, strict=True))
    ]
    peer, between, effect = _r(_LEVELS, folder)
    told = meta.pool_levels(effects)
    _same(told.sigma2_between, between)
    _same(told.effect.estimate, effect)
    return _seconds(lambda: meta.pool_levels(effects), 20), peer


def _write(path: Path, heading: str, rows: NDArray[np.float64]) -> None:
    np.savetxt(path, rows, delimiter=",", header=heading, comments="", fmt="%.17g")


def _r(script: str, folder: Path) -> tuple[float, float, float]:
    said = subprocess.run(
        ["Rscript", "-e", script.format(folder=folder)], check=True, capture_output=True, text=True
    ).stdout.split()
    seconds, variance, effect = map(float, said[-3:])
    return seconds, variance, effect


def _same(ours: float, theirs: float) -> None:
    if abs(ours - theirs) > 1e-4 * max(abs(theirs), 1e-3):
        raise SystemExit(f"{ours} here, {theirs} in metafor.")


def _seconds(call: Callable[[], object], times: int) -> float:
    call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def _row(what: str, goal: str, ours: float, peer: float) -> str:
    return f"| {what} | {1e3 * ours:.2f} ms | {goal} | {1e3 * peer:.1f} ms | {peer / ours:.0f} |"


if __name__ == "__main__":
    main()
