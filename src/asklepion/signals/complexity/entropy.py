"""Sample, multiscale and permutation entropy; docs/methods/complexity.md."""

import math

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats, series
from asklepion.signals.complexity.template_kernels import matching_pairs
from asklepion.signals.measure import Measure, settings


def sample_entropy(values: ArrayLike, *, dimension: int = 2, radius_sd: float = 0.2) -> Measure:
    """Return the sample entropy -ln(A / B) of a series, templates alike by `<=` as [richman2000] define it.

    The radius is `radius_sd` times the standard deviation (divisor n). B counts pairs of the n - m templates of m
    samples, A those of m + 1; no template is paired with itself. Without a match the entropy has no number.
    """
    found = series(values)
    _checked(dimension, radius_sd)
    radius = radius_sd * float(found.std())
    return _sample_entropy(found, dimension, radius, f"sample_entropy_m{dimension}", radius_sd)


def sample_entropy_within(values: ArrayLike, *, radius: float, dimension: int = 2) -> Measure:
    """Return the sample entropy for a radius in the unit of the series itself [richman2000]."""
    found = series(values)
    _checked(dimension, radius)
    return _sample_entropy(found, dimension, radius, f"sample_entropy_within_m{dimension}", None)


def multiscale_entropy(
    values: ArrayLike, *, scales: int = 20, dimension: int = 2, radius_sd: float = 0.15
) -> tuple[Measure, ...]:
    """Return the sample entropy of scale 1 to `scales`, each of means of so many samples, as [costa2002] define it.

    The radius is fixed at scale 1: `radius_sd` times the standard deviation of the series itself. Taking it anew at
    each scale, as some programs do, hides the fall of variance that the measure is about.
    """
    found = series(values)
    _checked(dimension, radius_sd)
    if scales < 1:
        raise BadInput("At least one scale is needed.", where="scales", remedy="Give 1 or more.")
    radius = radius_sd * float(found.std())
    return tuple(
        _sample_entropy(coarse(found, scale), dimension, radius, f"multiscale_entropy_costa_s{scale}", radius_sd)
        for scale in range(1, scales + 1)
    )


def coarse(values: Floats, scale: int) -> Floats:
    """Return means of `scale` samples each, without overlap; a rest that does not fill one is left out."""
    whole = len(values) // scale
    means: Floats = values[: whole * scale].reshape(whole, scale).mean(axis=1)
    return means


def permutation_entropy(values: ArrayLike, *, order: int = 3, delay: int = 1) -> Measure:
    """Return the Shannon entropy of ordinal patterns over ln(order!) [bandt2002], 0 to 1.

    Of equal samples the earlier is less.
    """
    found = series(values)
    if not 2 <= order <= 8:
        raise BadInput(f"{order} is no order.", where="order", remedy="Give 2 to 8.")
    if delay < 1:
        raise BadInput(f"{delay} is no delay.", where="delay", remedy="Give 1 or more samples.")
    patterns = len(found) - (order - 1) * delay
    told = settings(order=order, delay=delay, normalised_by="ln(order!)")
    name = f"permutation_entropy_o{order}_d{delay}"
    if patterns < 1:
        return Measure(name=name, value=Unscored("It is shorter than one pattern."), unit="1", n=len(found))
    counts = np.bincount(_patterns(found, order, delay, patterns), minlength=math.factorial(order))
    share = counts[counts > 0] / patterns
    value = float(-(share * np.log(share)).sum() / math.log(math.factorial(order)))
    few = patterns < 5 * math.factorial(order)
    quality = (f"Only {patterns} patterns for {math.factorial(order)} kinds.",) if few else ()
    return Measure(
        name=name,
        value=max(0.0, value),
        unit="1",
        n=len(found),
        parameters=told,
        quality=quality,
        source="bandt2002",
    )


def _patterns(found: Floats, order: int, delay: int, patterns: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the ordinal pattern at each place as a whole number: its digits count how many later ones are less."""
    code = np.zeros(patterns, dtype=np.int64)
    for place in range(order - 1):
        here = found[place * delay : place * delay + patterns]
        less = np.zeros(patterns, dtype=np.int64)
        for later in range(place + 1, order):
            less += found[later * delay : later * delay + patterns] < here
        code = code * (order - place) + less
    return code


def _checked(dimension: int, radius: float) -> None:
    if dimension < 1:
        raise BadInput(f"{dimension} is no length of a template.", where="dimension", remedy="Give 1 or more.")
    if not (math.isfinite(radius) and radius >= 0):
        raise BadInput(f"{radius} is no radius.", where="radius", remedy="Give 0 or more.")


def _sample_entropy(found: Floats, dimension: int, radius: float, name: str, radius_sd: float | None) -> Measure:
    told = settings(m=dimension, radius=radius, comparison="<=")
    if radius_sd is not None:
        told += settings(radius_sd=radius_sd, sd_divisor="n")
    pairs = matching_pairs(found, dimension=dimension, radius=radius)
    value: float | Unscored
    if len(found) < dimension + 2:
        value = Unscored(f"{len(found)} samples make fewer than two templates.")
    elif np.ptp(found) == 0:
        value = Unscored("The series is flat: each template is like each other.")
    elif not pairs.longer:
        value = Unscored(f"No two templates of {dimension + 1} samples are alike: the series is too short for this.")
    else:
        value = -math.log(pairs.longer / pairs.shorter)
    few = 0 < pairs.longer < 100
    quality = (f"It rests on {pairs.longer} matches.",) if few else ()
    return Measure(
        name=name,
        value=value,
        unit="1",
        n=len(found),
        parameters=(*told, ("pairs_m", pairs.shorter), ("pairs_m1", pairs.longer)),
        quality=quality,
        source="costa2002" if name.startswith("multiscale") else "richman2000",
    )
