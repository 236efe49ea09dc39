"""Measure the mixed model: `python -m bench.stats`, one core. Beside it R's nlme::gls and
glmmTMB, where they are.

Every size is fitted by both in one run; a likelihood that only the peer reached ends it. What R needs minutes for
is not asked of it. Prints a table in Markdown. Set OMP_NUM_THREADS=1 to measure one core.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from asklepion.stats import mmrm
from asklepion.stats.mmrm import batch

SIZES = ((200, 4, 0.0), (1_000, 6, 0.0), (10_000, 8, 0.0), (10_000, 8, 0.05), (100_000, 8, 0.0))
TRIALS = (1_000, 10_000, 100_000)
# So many of the simulated trials are fitted singly too; a difference above this ends the run.
CHECKED, ALLOWED = 50, 1e-7
# gls with an unstructured correlation is quadratic in people through its start; beyond this it takes minutes.
PEER_UP_TO = 1_000

READ = """
d <- read.csv(commandArgs(TRUE)[1])
d$AVISIT <- factor(d$AVISIT); d$v <- as.integer(d$AVISIT); d$TRT01P <- factor(d$TRT01P); d$USUBJID <- factor(d$USUBJID)
"""
TELL = 'cat(t[["elapsed"]], sprintf("%.9f", logLik(f)))'
GLS = f"""
suppressMessages(library(nlme))
{READ}
t <- system.time(f <- gls(AVAL ~ BASE * AVISIT + TRT01P * AVISIT, d, correlation = corSymm(form = ~ v | USUBJID),
  weights = varIdent(form = ~ 1 | AVISIT), method = "REML"))
{TELL}
"""
# glmmTMB holds its residual variance near zero instead of leaving it out: its likelihood is another one by some 1e-2.
TMB = f"""
suppressMessages(library(glmmTMB))
{READ}
t <- suppressWarnings(system.time(f <- glmmTMB(AVAL ~ BASE * AVISIT + TRT01P * AVISIT + us(0 + AVISIT | USUBJID),
  dispformula = ~ 0, data = d, REML = TRUE)))
{TELL}
"""
PEERS = {"nlme::gls": (GLS, 1e-6), "glmmTMB": (TMB, 2e-2)}
"""R's script, and by how much its likelihood may be above ours."""


class Measured(NamedTuple):
    """Seconds to fit, to have all contrasts by Satterthwaite and by Kenward-Roger, and what the fit was."""

    fit: float
    satterthwaite: float
    kenward_roger: float
    patterns: int
    steps: int
    log_likelihood: float


def main() -> None:
    """Measure every size and print the table."""
    print(f"| people x visits | patterns | steps | fit | + Satterthwaite | + Kenward-Roger | {' | '.join(PEERS)} |")
    print(f"| --- | --- | --- | --- | --- | --- |{' --- |' * len(PEERS)}")
    for people, visits, gaps in SIZES:
        data = trial(people, visits, gaps=gaps)
        ours = measured(data, 1 if people > 10_000 else 5)
        told = {name: peer(data, script) if people <= PEER_UP_TO else None for name, (script, _) in PEERS.items()}
        print(line(people, visits, gaps, ours, told), flush=True)
    print("\n| simulated trials, 100 people x 4 visits | drawn | fitted | together | no optimum | largest difference |")
    print("| --- | --- | --- | --- | --- | --- |")
    for count in TRIALS:
        print(simulated(count), flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPython {sys.version.split()[0]}, NumPy {np.__version__}; {memory:.0f} MB at most, the tables included.")


def trial(people: int, visits: int, *, gaps: float) -> pd.DataFrame:
    """Give a simulated trial of two arms in which 20% drop out, and a share `gaps` of the other visits is missed."""
    rng = np.random.default_rng(people + visits)
    square = rng.normal(size=(visits, visits))
    base, arm = rng.normal(40, 6, people), np.arange(people) % 2
    values = rng.multivariate_normal(np.zeros(visits), square @ square.T + 20 * np.eye(visits), size=people)
    values += 0.5 * base[:, None] - np.arange(visits) - 0.5 * arm[:, None] * np.arange(visits)
    last = np.where(rng.random(people) < 0.2, rng.integers(1, visits, people), visits)
    who, when = np.nonzero((np.arange(visits) < last[:, None]) & (rng.random((people, visits)) >= gaps))
    return pd.DataFrame(
        {
            "USUBJID": np.char.mod("P%06d", who),
            "AVISIT": np.char.mod("Week %02d", when),
            "AVAL": values[who, when],
            "BASE": base[who],
            "TRT01P": np.array(["placebo", "treated"])[arm[who]],
        }
    )


def simulated(count: int) -> str:
    """Give the row of so many trials, a thousand at a time; raises if the single fit says otherwise."""
    correlated = 60 * 0.6 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    means = np.array([[40.0, 38, 36, 35, 34], [40.0, 37, 34, 32, 30]])
    plan = batch.Plan(arms=np.repeat([0, 1], 50), means=means, covariance=correlated, dropout=np.full((2, 4), 0.05))
    batch.fit_many(batch.draw(plan, seed=0, count=1).values, plan.arms)
    drawn, fitted, failed, apart = 0.0, 0.0, 0, 0.0
    for first in range(0, count, 1_000):
        began = time.perf_counter()
        trials = batch.draw(plan, seed=1, first=first, count=1_000)
        between = time.perf_counter()
        fits = batch.fit_many(trials.values, plan.arms, covariates=trials.baseline)
        fitted += time.perf_counter() - between
        drawn += between - began
        failed += int((~fits.fitted).sum())
        if first == 0:
            apart = max(_apart(plan, trials, fits, number) for number in range(CHECKED))
    if not apart < ALLOWED:
        raise SystemExit(f"The single fit differs by {apart:.1e}.")
    return f"| {count:,} | {drawn:.2f} s | {fitted:.2f} s | {drawn + fitted:.2f} s | {failed} | {apart:.0e} |"


def _apart(plan: batch.Plan, trials: batch.Trials, fits: batch.Fits, number: int) -> float:
    who, when = np.nonzero(~np.isnan(trials.values[number]))
    named = {"USUBJID": who, "AVISIT": when, "AVAL": trials.values[number][who, when]}
    table = pd.DataFrame({**named, "BASE": trials.baseline[number][who], "TRT01P": plan.arms[who].astype(str)})
    lines = mmrm.contrasts(mmrm.fit(table))
    single = np.array([(each.estimate, each.se, each.df) for each in lines]).T
    ours = np.stack([fits.estimate[number, 0], fits.se[number, 0], fits.df[number, 0]])
    return float(np.abs(ours / single - 1).max())


def measured(data: pd.DataFrame, times: int) -> Measured:
    """Fit so many times and keep the median of each part."""
    fitted = mmrm.fit(data)
    whole = _median(times, lambda: mmrm.fit(data))
    plain = _median(times, lambda: mmrm.contrasts(fitted))
    adjusted = _median(times, lambda: mmrm.contrasts(fitted, freedom=mmrm.Freedom.KENWARD_ROGER))
    patterns = len(fitted.scaled.data.first_rows)
    return Measured(whole, plain, adjusted, patterns, fitted.iterations, fitted.log_likelihood)


def _median(times: int, work: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def peer(data: pd.DataFrame, script: str) -> tuple[float, float] | None:
    """Give the seconds and the log likelihood of a fit in R, or None where R or its package is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, file = Path(folder) / "trial.csv", Path(folder) / "peer.R"
        data.to_csv(table, index=False)
        file.write_text(script)
        said = subprocess.run(["Rscript", file, table], capture_output=True, text=True, check=False)
    if said.returncode != 0:
        print(said.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    seconds, likelihood = said.stdout.split()
    return float(seconds), float(likelihood)


def line(people: int, visits: int, gaps: float, ours: Measured, peers: dict[str, tuple[float, float] | None]) -> str:
    """Give the row of the table; raises if a peer found a likelihood that ours did not reach."""
    what = f"{people:,} x {visits}{', gaps' if gaps else ''}"
    parts = [what, ours.patterns, ours.steps, f"{ours.fit:.4f} s", f"{ours.satterthwaite:.4f} s"]
    parts.append(f"{ours.kenward_roger:.4f} s")
    for name, told in peers.items():
        if told is None:
            parts.append("not run")
            continue
        seconds, likelihood = told
        if ours.log_likelihood < likelihood - PEERS[name][1]:
            raise SystemExit(f"{what}: {ours.log_likelihood} is below {likelihood} of {name}.")
        short = ours.log_likelihood - likelihood
        parts.append(f"{seconds:.2f} s, {seconds / ours.fit:.0f} times ours, {short:.0e} short")
    return f"| {' | '.join(map(str, parts))} |"


if __name__ == "__main__":
    main()
