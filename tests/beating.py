"""Simulated hearts with known beats: an electrocardiogram, a pulse wave, and files that hold them."""

import numpy as np


def beat_times(seconds, *, mean_s=0.8, seed=5, begin_s=0.5):
    """Return beats that breathe (30 ms at 0.25 Hz) and wander a little, at no multiple of any sampling interval."""
    rng = np.random.default_rng(seed)
    at, found = begin_s, []
    while at < seconds - 0.3:
        found.append(at)
        at += mean_s + 0.03 * np.sin(2 * np.pi * 0.25 * at) + rng.normal(scale=0.01)
    return np.array(found)


def ecg(at_s, seconds, sampling_hz, *, noise=0.02, seed=3):
    """Return P, Q, R, S and T as bells in mV around each beat, with noise and a slow wander of the baseline."""
    times = np.arange(round(seconds * sampling_hz)) / sampling_hz
    found = 0.1 * np.sin(2 * np.pi * 0.2 * times) + noise * np.random.default_rng(seed).normal(size=len(times))
    bells = ((-0.16, 0.1, 0.02), (-0.03, -0.12, 0.008), (0.0, 1.1, 0.01), (0.03, -0.2, 0.009), (0.25, 0.25, 0.04))
    for shift, height, width in bells:
        found += _bells(times, at_s + shift, height, width)
    return found


def ppg(at_s, seconds, sampling_hz, *, noise=0.01, seed=3):
    """Return pulse waves whose systolic peak is at each time, with a steep rise, a slow fall and a second wave."""
    times = np.arange(round(seconds * sampling_hz)) / sampling_hz
    found = 3 + 0.2 * np.sin(2 * np.pi * 0.1 * times) + noise * np.random.default_rng(seed).normal(size=len(times))
    for each in at_s:
        low, high = np.searchsorted(times, [each - 0.4, each + 1.2])
        apart = times[low:high] - each
        width = np.where(apart < 0, 0.07, 0.16)
        found[low:high] += np.exp(-0.5 * (apart / width) ** 2) + 0.25 * np.exp(-0.5 * ((apart - 0.3) / 0.07) ** 2)
    return found


def _bells(times, centres, height, width):
    found = np.zeros(len(times))
    for each in centres:
        low, high = np.searchsorted(times, [each - 6 * width, each + 6 * width])
        found[low:high] += height * np.exp(-0.5 * ((times[low:high] - each) / width) ** 2)
    return found
