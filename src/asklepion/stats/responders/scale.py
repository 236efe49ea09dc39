"""What is known of a scale beforehand: its reliability, which way is worse, and scores of a population."""

from dataclasses import dataclass

from asklepion.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Population:
    """Mean and standard deviation of a population's scores, with the key of their source."""

    mean: float
    sd: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the methods need of a scale: its reliability (0 to 1), and which way is worse.

    `reliability_after` is of the later scores, where another one is known; only Nunnally and Kotsch ask for it.
    """

    reliability: float
    higher_is_worse: bool = True
    reliability_after: float | None = None

    def __post_init__(self) -> None:
        for name, given in (("reliability", self.reliability), ("reliability_after", self.reliability_after)):
            if given is not None and not 0 <= given < 1:
                raise BadInput(f"{given} is no reliability.", where=name, remedy="Give 0 to below 1.")
