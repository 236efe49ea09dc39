"""Measure a whole person against the peers' calls in sequence: ten minutes of EEG, BOLD, eight hours of ECG.

    OMP_NUM_THREADS=1 .venv/bin/python -m bench.person /tmp/peers/bin/python

The peers are those of `bench.signals`, with sleepecg and brainspace beside them. The lesser of two runs counts, so that
neither side is charged for compiling. Where a peer would take hours it does a part of the same calls, and its time is
multiplied: `done` says how many of how many; answers are of those. NeuroKit2's `hrv_nonlinear` of eight hours asks for
8 GiB and stops with MemoryError: what it can do (time and frequency of the whole, everything of windows) counts, with
antropy's sample entropy of the whole.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

GOAL = 50
EEG_HZ, ECG_HZ, HOURS = 250, 250, 8
PARTS = {
    "LZc of 60 epochs": (2, 60),
    "LZ76 of 64 channels x 60 epochs": (64, 3840),
    "sample entropy of 64 channels x 60 epochs": (64, 3840),
    "band power of 300 epochs": (1, 1),
    "wPLI of 300 epochs": (1, 1),
    "correlation and Fisher z": (1, 1),
    "participation by sign": (1, 1),
    "consensus modularity, 50 seeds": (2, 50),
    "gradients": (1, 1),
    "leading eigenvectors": (1, 1),
    "windows": (1, 1),
    "Granger of all pairs": (20, 400 * 399),
    "LZc of 400 parcels": (1, 1),
    "beats": (1, 1),
    "variability of 96 windows": (4, 96),
    "variability of the whole": (1, 1),
}
"""What a person is measured by, and how many of how many calls the peer does."""


def data(name: str):
    """Return the data of a part: the same in both interpreters."""
    import numpy as np

    rng = np.random.default_rng(3)
    part = list(PARTS).index(name)
    if part < 5:
        noise = rng.normal(size=(64, 600 * EEG_HZ))
        return noise + 0.5 * np.cumsum(noise[:, ::-1], axis=1) / 50 + 0.3 * noise[:1]
    if part < 13:
        volumes = rng.normal(size=(1200, 400)) + 0.4 * rng.normal(size=(1200, 1))
        return volumes + 0.5 * rng.normal(size=(1200, 7))[:, np.arange(400) % 7]
    steps = 0.87 + 0.04 * np.sin(np.arange(HOURS * 4400) * 0.6) + 0.004 * rng.normal(size=HOURS * 4400)
    at = np.cumsum(steps)
    at = at[at < HOURS * 3600 - 1]
    if name != "beats":
        return at
    signal = 0.01 * rng.normal(size=HOURS * 3600 * ECG_HZ)
    middle = np.round(at * ECG_HZ).astype(int)
    for shift in range(-10, 11):
        signal[np.clip(middle + shift, 0, len(signal) - 1)] += np.exp(-0.5 * (shift / 2.5) ** 2)
    return signal


def epochs(given, seconds: int):
    """Return the recording as epochs x channels x samples."""
    import numpy as np

    length = seconds * EEG_HZ
    return np.ascontiguousarray(given.reshape(64, -1, length).transpose(1, 0, 2))


def ours(name: str, given) -> Callable[[], float]:
    import numpy as np

    from asklepion.signals.brain import connectivity, dynamics, gradients, graph, information
    from asklepion.signals.complexity import entropy, lempel_ziv, lempel_ziv_kernels
    from asklepion.signals.eeg import lag, plan, spectrum
    from asklepion.signals.heart import beats, intervals, raw, session

    done = PARTS[name][0]

    def joint(values) -> int:
        return lempel_ziv_kernels.lz76_words(np.ascontiguousarray(lempel_ziv._above_envelope(values).T).ravel(), 2)

    def single(work: Callable[[object], float]) -> float:
        return float(np.mean([work(channel) for epoch in epochs(given, 10) for channel in epoch][:done]))

    def power() -> float:
        found = spectrum.welch(epochs(given, 2), EEG_HZ, segment_s=2)
        return float(np.mean(spectrum.band_power(found, plan.Band("alpha", 8, 13))))

    def z():
        return connectivity.fisher_z(connectivity.correlation(given))

    def participation() -> float:
        found = graph.signed_participation(connectivity.correlation(given), np.arange(400) % 7)
        return float(found.positive.sum() + found.negative.sum())

    def session_of(at) -> session.Session:
        return session.session(intervals.intervals(np.diff(at) * 1000))

    def windows() -> float:
        told = session_of(given).windows
        found = [next(each.value for each in one.measures if each.name == "rmssd") for one in told]
        return float(np.mean(found[:done]))

    def whole() -> float:
        # The windows that belong to a session are timed above: one alone is asked for here.
        told = session.session(intervals.intervals(np.diff(given) * 1000), window_s=HOURS * 3600.0)
        return next(float(each.value) for each in told.whole.measures if each.name == "rmssd")

    return {
        "LZc of 60 epochs": lambda: float(np.mean([joint(each) for each in epochs(given, 10)][:done])),
        "LZ76 of 64 channels x 60 epochs": lambda: single(
            lambda channel: lempel_ziv_kernels.lz76_words((channel > np.median(channel)).astype(np.uint8), 2)
        ),
        "sample entropy of 64 channels x 60 epochs": lambda: single(
            lambda channel: entropy.sample_entropy(channel).value
        ),
        "band power of 300 epochs": power,
        "wPLI of 300 epochs": lambda: (
            np.nansum(lag.phase_lag(epochs(given, 2), EEG_HZ, band=plan.Band("a", 8, 13)).wpli) / 2
        ),
        "correlation and Fisher z": lambda: z()[np.triu_indices(400, 1)].mean(),
        "participation by sign": participation,
        "consensus modularity, 50 seeds": lambda: graph.consensus(connectivity.correlation(given)).quality,
        "gradients": lambda: gradients.gradients(z()).ranges[0],
        "leading eigenvectors": lambda: np.abs(dynamics.leading_eigenvectors(angles(given))).sum(),
        "windows": lambda: dynamics.sliding_variability(given, width=60).mean[0, 1],
        "Granger of all pairs": lambda: information.granger(given).f[0, 1],
        "LZc of 400 parcels": lambda: joint(given.T),
        "beats": lambda: len(beats.beats(raw.Signal(given, ECG_HZ, raw.Kind.ECG, "ECG")).at_s),
        "variability of 96 windows": windows,
        "variability of the whole": whole,
    }[name]


def angles(given):
    """Return made-up phases of every parcel and volume."""
    import numpy as np

    return np.pi * np.tanh(given)


def peers(name: str, given) -> Callable[[], float]:
    import numpy as np

    done = PARTS[name][0]

    def joint(values) -> float:
        import antropy
        from scipy import signal

        envelope = np.abs(signal.hilbert(signal.detrend(values, axis=1), axis=1))
        text = (envelope > envelope.mean(axis=1, keepdims=True)).T.ravel()
        return antropy.lziv_complexity(text.astype(np.uint8))

    def single(work: Callable[[object], float]) -> float:
        return float(np.mean([work(channel) for channel in epochs(given, 10)[0]]))

    def lz76() -> float:
        import antropy

        return single(lambda channel: antropy.lziv_complexity((channel > np.median(channel)).astype(np.uint8)))

    def sample() -> float:
        import antropy

        return single(lambda channel: antropy.sample_entropy(channel, order=2, tolerance=0.2 * channel.std()))

    def power() -> float:
        from mne.time_frequency import psd_array_welch

        told, hz = psd_array_welch(
            epochs(given, 2), EEG_HZ, fmin=8, fmax=12.99, n_fft=500, window="hann", verbose="error"
        )
        return float(told.sum(axis=2).mean() * (hz[1] - hz[0]))

    def phase_lag() -> float:
        import mne
        from mne_connectivity import spectral_connectivity_epochs

        mne.set_log_level("error")
        told = spectral_connectivity_epochs(
            epochs(given, 2), method="wpli", mode="fourier", sfreq=EEG_HZ, fmin=8, fmax=12.99, faverage=True
        )
        return told.get_data("dense").sum()

    def z():
        found = np.corrcoef(given.T)
        np.fill_diagonal(found, 0)
        return np.arctanh(found)

    def participation() -> float:
        import bct

        plus, minus = bct.participation_coef_sign(np.tanh(z()), np.arange(400) % 7 + 1)
        return float(plus.sum() + minus.sum())

    def modularity() -> float:
        import bct

        return float(np.mean([bct.community_louvain(np.tanh(z()), B="negative_asym", seed=i)[1] for i in range(done)]))

    def gradients() -> float:
        from brainspace.gradient import GradientMaps

        made = GradientMaps(n_components=10, approach="dm", kernel="normalized_angle").fit(z())
        return float(np.ptp(made.gradients_[:, 0]))

    def leida() -> float:
        from scipy.sparse.linalg import eigsh

        return sum(np.abs(eigsh(np.cos(each[:, None] - each), k=1)[1]).sum() for each in angles(given))

    def windows() -> float:
        return float(np.mean([np.corrcoef(given[begin : begin + 60].T)[0, 1] for begin in range(1141)]))

    def granger() -> float:
        from statsmodels.tsa.stattools import grangercausalitytests

        told = [grangercausalitytests(given[:, [other, 0]], [1]) for other in range(1, done + 1)]
        return told[0][1][0]["ssr_ftest"][0]

    def beats() -> float:
        import sleepecg

        return len(sleepecg.detect_heartbeats(given, ECG_HZ))

    def rmssd(at, calls: tuple[str, ...]) -> float:
        import neurokit2

        # NeuroKit2 takes samples; at 100,000 a second they are rounded to 0.01 ms.
        peaks = np.round(at * 1e5).astype(np.int64)
        told = [getattr(neurokit2, each)(peaks, sampling_rate=100_000) for each in calls]
        return float(told[0]["HRV_RMSSD"].iloc[0])

    def in_windows() -> float:
        every = ("hrv_time", "hrv_frequency", "hrv_nonlinear")
        # Windows follow from the first beat, and an interval belongs to the one in which it ends.
        edges = np.searchsorted(given[1:] - given[0], 300 * np.arange(done + 1), side="right")
        parts = [given[begin : end + 1] for begin, end in pairwise(edges)]
        return float(np.mean([rmssd(each, every) for each in parts]))

    def whole() -> float:
        import antropy

        antropy.sample_entropy(np.diff(given), order=2, tolerance=0.2 * np.diff(given).std())
        return rmssd(given, ("hrv_time", "hrv_frequency"))

    return {
        "LZc of 60 epochs": lambda: float(np.mean([joint(each) for each in epochs(given, 10)[:done]])),
        "LZ76 of 64 channels x 60 epochs": lz76,
        "sample entropy of 64 channels x 60 epochs": sample,
        "band power of 300 epochs": power,
        "wPLI of 300 epochs": phase_lag,
        "correlation and Fisher z": lambda: z()[np.triu_indices(400, 1)].mean(),
        "participation by sign": participation,
        "consensus modularity, 50 seeds": modularity,
        "gradients": gradients,
        "leading eigenvectors": leida,
        "windows": windows,
        "Granger of all pairs": granger,
        "LZc of 400 parcels": lambda: joint(given.T),
        "beats": beats,
        "variability of 96 windows": in_windows,
        "variability of the whole": whole,
    }[name]


def measure(name: str, side: str) -> None:
    """Print the processor time in s and the answer of one side of a part, the lesser of two runs."""
    work = (ours if side == "ours" else peers)(name, data(name))
    taken, answer = float("inf"), 0.0
    for _ in range(2):
        began = time.process_time()
        answer = float(work())
        taken = min(taken, time.process_time() - began)
    calls, of = PARTS[name] if side == "peer" else (1, 1)
    print(json.dumps([taken * of / calls, answer]))


def main(peer_python: str) -> None:
    """Print the table of parts, and of the whole person."""
    print(f"Load of the machine at the begin: {os.getloadavg()[0]:.2f}.\n")
    print("| part | peer s | done | ours s | ratio | answers |\n| --- | --- | --- | --- | --- | --- |")
    sums = [0.0, 0.0]
    for name, (calls, of) in PARTS.items():
        found = []
        for python, side in ((peer_python, "peer"), (sys.executable, "ours")):
            told = subprocess.run([python, "-W", "ignore", __file__, name, side], capture_output=True, text=True)
            if told.returncode:
                sys.exit(f"{name}, {side}: {told.stderr[-2000:]}")
            found.append(json.loads(told.stdout.splitlines()[-1]))
        (theirs, one), (taken, other) = found
        sums = [sums[0] + theirs, sums[1] + taken]
        same = "same" if abs(one - other) <= 1e-5 * abs(one) else f"{one:.6g} / {other:.6g}"
        row = f"{theirs:,.3f} | {calls} of {of} | {taken:,.4f} | {theirs / taken:,.1f}"
        print(f"| {name} | {row} | {same} |", flush=True)
    print(f"| whole person | {sums[0]:,.1f} | | {sums[1]:,.2f} | {sums[0] / sums[1]:,.0f} (goal {GOAL}) | |")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) == 3 else main(sys.argv[1])
