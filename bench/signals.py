"""Measure signals against their peers, each in its own interpreter, same data, same answer checked: ratios.

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install antropy==0.2.3 neurokit2==0.2.13 bctpy==0.6.1 statsmodels==0.15.0 mne-connectivity==0.9.0
    OMP_NUM_THREADS=1 .venv/bin/python -m bench.signals /tmp/peers/bin/python

The peers are never dependencies of the product. Processor time; the least of several runs counts, after one that warms
up. The last line is a session of eight hours: its goal is a time and a memory, for the peer stops for want of memory,
and is run under a limit so that it takes the machine down with nothing.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

CASES = {
    "LZ76, 10^4 symbols": 100,
    "LZ76, 10^5 symbols": 500,
    "sample entropy, 5k": 15,
    "sample entropy, 20k": 30,
    "sample entropy, 100k": 50,
    "multiscale entropy, 20 scales, 20k": 20,
    "LEiDA leading eigenvectors, 400 x 1200": 150,
    "participation coefficient, 400 nodes": 200,
    "pairwise Granger, 400 nodes": 5000,
    "sliding windows, 400 x 1200, width 60": 3,
    "LZc, 64 channels x 10 s at 250 Hz": 1000,
    "wPLI, 64 channels, 150 epochs of 2 s": 5,
}
"""What is measured, and the ratio to reach."""

SESSION = "HRV of an 8-hour session, entropy included"
SESSION_BEATS, SESSION_GOAL_MS, SESSION_GOAL_MB = 36_000, 1_000, 500
PEER_LIMIT_GIB = 8


def timed(work: Callable[[], object], *, least: float = 0.5) -> tuple[float, float]:
    """Return the least processor time in ms over about half a second of runs, and the last answer as a number."""
    answer, best, spent = float(work()), float("inf"), 0.0
    while spent < least or best == float("inf"):
        began = time.process_time()
        work()
        taken = time.process_time() - began
        best, spent = min(best, taken), spent + taken
        if taken > least:
            break
    return best * 1000, answer


def data(name: str):
    """Return the data of a case: the same in both interpreters."""
    import numpy as np

    rng = np.random.default_rng(1)
    if name == SESSION:
        at = np.arange(SESSION_BEATS) * 0.8
        waves = 25 * np.sin(2 * np.pi * 0.1 * at) + 15 * np.sin(2 * np.pi * 0.25 * at)
        return 800 + waves + rng.normal(size=SESSION_BEATS) * 10
    if name.startswith("LZ76"):
        return rng.integers(0, 2, 10_000 if "10^4" in name else 100_000).astype(np.uint8)
    if "entropy" in name:
        return rng.normal(size={"5k": 5_000, "20k": 20_000, "100k": 100_000}[name.rsplit(" ", 1)[1]])
    if name.startswith("LZc"):
        return rng.normal(size=(64, 2500))
    if name.startswith("wPLI"):
        epochs = rng.normal(size=(150, 64, 500))
        return epochs + 0.3 * epochs[:, :1]
    volumes = rng.normal(size=(1200, 400))
    volumes += volumes[:, :1] * 0.3
    if "LEiDA" in name:
        return rng.uniform(-np.pi, np.pi, (1200, 400))
    if "participation" in name:
        weights = np.maximum(np.corrcoef(volumes.T), 0)
        np.fill_diagonal(weights, 0)
        return weights
    return volumes


def ours(name: str, given) -> Callable[[], float]:
    import numpy as np

    from asklepion.signals.brain import dynamics, graph, information
    from asklepion.signals.complexity import entropy, lempel_ziv, lempel_ziv_kernels
    from asklepion.signals.eeg import lag, plan
    from asklepion.signals.heart import intervals, session

    def hours() -> float:
        whole = session.session(intervals.intervals(given), baseline_s=(0, 1800)).whole
        return next(each.value for each in whole.measures if each.name == "multiscale_entropy_costa_s20")

    def joint() -> float:
        # The text of Schartner's LZc, counted as antropy counts.
        text = np.ascontiguousarray(lempel_ziv._above_envelope(given).T).ravel()
        return lempel_ziv_kernels.lz76_words(text, 2)

    return {
        "HRV": hours,
        "LZc": joint,
        "wPLI": lambda: np.nansum(lag.phase_lag(given, 250.0, band=plan.Band("alpha", 8, 13)).wpli) / 2,
        "LZ76": lambda: lempel_ziv_kernels.lz76_words(given, 2),
        "sample": lambda: entropy.sample_entropy(given).value,
        "multiscale": lambda: sum(each.value for each in entropy.multiscale_entropy(given)),
        "LEiDA": lambda: np.abs(dynamics.leading_eigenvectors(given)).sum(),
        "participation": lambda: graph.participation(given, np.arange(400) % 7).sum(),
        "pairwise": lambda: information.granger(given).f[0, 1],
        "sliding": lambda: dynamics.sliding_variability(given, width=60).mean[0, 1],
    }[name.split(",")[0].split(" ")[0]]


def peers(name: str, given) -> Callable[[], float]:
    import numpy as np

    def leida() -> float:
        from scipy.sparse.linalg import eigsh

        total = 0.0
        for phase in given:
            total += np.abs(eigsh(np.cos(phase[:, None] - phase[None]), k=1)[1]).sum()
        return total

    def multiscale() -> float:
        import neurokit2

        told = neurokit2.entropy_multiscale(
            given, dimension=2, tolerance=0.15 * given.std(), method="MSEn", scale=range(1, 21)
        )
        return told[1]["Value"].sum()

    def one_pair() -> float:
        from statsmodels.tsa.stattools import grangercausalitytests

        return grangercausalitytests(given[:, [1, 0]], [1])[1][0]["ssr_ftest"][0]

    def windows() -> float:
        total = 0.0
        for begin in range(1141):
            total += np.corrcoef(given[begin : begin + 60].T)[0, 1]
        return total / 1141

    def lz() -> float:
        import antropy

        return antropy.lziv_complexity(given)

    def sample() -> float:
        import antropy

        return antropy.sample_entropy(given, order=2, tolerance=0.2 * given.std())

    def participation() -> float:
        import bct

        return bct.participation_coef(given, np.arange(400) % 7 + 1).sum()

    def joint() -> float:
        import antropy
        from scipy import signal

        envelope = np.abs(signal.hilbert(signal.detrend(given, axis=1), axis=1))
        return antropy.lziv_complexity((envelope > envelope.mean(axis=1, keepdims=True)).T.ravel().astype(np.uint8))

    def phase_lag() -> float:
        import mne
        from mne_connectivity import spectral_connectivity_epochs

        mne.set_log_level("error")
        told = spectral_connectivity_epochs(
            given, method="wpli", mode="fourier", sfreq=250.0, fmin=8, fmax=12.99, faverage=True
        )
        return told.get_data("dense").sum()

    def hours() -> float:
        import neurokit2

        beats = {"RRI": given, "RRI_Time": np.cumsum(given) / 1000}
        return neurokit2.hrv_nonlinear(beats)["HRV_SampEn"].iloc[0]

    return {
        "HRV": hours,
        "LZc": joint,
        "wPLI": phase_lag,
        "LZ76": lz,
        "sample": sample,
        "multiscale": multiscale,
        "LEiDA": leida,
        "participation": participation,
        "pairwise": one_pair,
        "sliding": windows,
    }[name.split(",")[0].split(" ")[0]]


def measure(name: str, side: str) -> None:
    """Print the time and the answer of one side of a case."""
    given = data(name)
    taken, answer = timed((ours if side == "ours" else peers)(name, given))
    # statsmodels is asked for one pair; there are 400 x 399 of them.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([taken * (400 * 399 if side != "ours" and "Granger" in name else 1), answer, peak_mb]))


def main(peer_python: str) -> None:
    """Print the table: goal, both times, ratio, and whether the answers agree."""
    print("| measure | peer ms | ours ms | ratio | goal | answers |\n| --- | --- | --- | --- | --- | --- |")
    for name, goal in CASES.items():
        found = []
        for python, side in ((peer_python, "peer"), (sys.executable, "ours")):
            done = subprocess.run(
                [python, "-W", "ignore", __file__, name, side], capture_output=True, text=True, check=True
            )
            found.append(json.loads(done.stdout.splitlines()[-1]))
        (theirs, one, _), (taken, other, _) = found
        same = "same" if abs(one - other) <= 1e-6 * abs(one) else f"{one:.9g} / {other:.9g}"
        print(f"| {name} | {theirs:,.1f} | {taken:,.3f} | {theirs / taken:,.0f} | {goal} | {same} |", flush=True)
    session_of_hours(peer_python)


def session_of_hours(peer_python: str) -> None:
    """Print time and peak memory of eight hours, whole process included, and what the peer does under its limit."""
    here = [sys.executable, "-W", "ignore", __file__, SESSION, "ours"]
    done = subprocess.run(here, capture_output=True, text=True, check=True)
    taken, _, peak_mb = json.loads(done.stdout.splitlines()[-1])

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (PEER_LIMIT_GIB << 30,) * 2)

    there = [peer_python, "-W", "ignore", __file__, SESSION, "peer"]
    peer = subprocess.run(there, capture_output=True, text=True, check=False, preexec_fn=limited)
    last = (peer.stdout if peer.returncode == 0 else peer.stderr).strip().splitlines()[-1]
    print(f"\n{SESSION}, {SESSION_BEATS:,} beats: {taken:,.0f} ms, {peak_mb:,.0f} MB (goal {SESSION_GOAL_MS:,} ms,")
    print(f"{SESSION_GOAL_MB} MB). Peer, hrv_nonlinear alone, held to {PEER_LIMIT_GIB} GiB: {last}")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) == 3 else main(sys.argv[1])
