"""A cohort's recordings by a plan: what is done already is left, the rest is spread over workers, all is reported."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import AsklepionError, BadInput
from asklepion.exchange import bids
from asklepion.flows.recordings import dataset, keeping, measuring, reports, results
from asklepion.flows.recordings import plan as plans
from asklepion.flows.recordings.dataset import DataSet, Left, Recording
from asklepion.flows.recordings.keeping import Place
from asklepion.flows.recordings.measuring import Measured, Task
from asklepion.flows.recordings.plan import Plan
from asklepion.flows.spread import spread

Progress = Callable[[int, int], None]
_UNEXPECTED = "Look at the file with another program; if it is whole, report this."


@dataclass(frozen=True, slots=True)
class Study:
    """What came of it: how many people and recordings, how many were computed and were done before, what was left."""

    name: str
    out: Path
    people: int
    recordings: int
    computed: int
    done_before: int
    left: tuple[Left, ...]
    reports: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """A task with the place of its results and the hashes of what it rests on."""

    task: Task
    where: Place
    inputs: dict[str, str]


def study(
    root: Path,
    out: Path,
    *,
    plan_file: Path,
    workers: int = 1,
    scheduler: str | None = None,
    again: bool = False,
    progress: Progress = lambda done, total: None,
) -> Study:
    """Compute what the plan wants of a BIDS data set, keep it as a derivative, and write reports.

    What rests on the same files, plan and version is not computed again, unless `again`. A recording that cannot be
    taken is told in `left`; the rest goes on. The files written are the same whatever the number of workers.
    Raises ManyFaults for a plan with faults, BadInput for what is no data set or an `out` that holds something else.
    """
    plan = plans.read(plan_file)
    dataset.check(root)
    _check_out(root, out)
    found = dataset.read(root, out)
    chosen, left = dataset.recordings(found, plan)
    if not chosen and not left:
        wanted = ", ".join(plan.modalities)
        raise BadInput(
            f"It has no recording that the plan chooses ({wanted}).", where=str(root), remedy="Look at `only`."
        )
    _begin(found, plan, plan_file)
    works, unread = _works(chosen, plan, plan_file, out)
    todo = [each for each in works if again or not results.is_done(each.where, each.task, each.inputs)]
    failed = dict(_computed(todo, len(works), workers=workers, scheduler=scheduler, progress=progress))
    kept = [results.read(each.where, each.task.recording) for each in works if each.task.recording not in failed]
    every = tuple(sorted((*left, *unread, *failed.values()), key=lambda each: (each.where, each.what)))
    written = reports.write(kept, found, plan, before=dataset.baselines(chosen, plan), left=every)
    _tell_left(out, every)
    before = len(works) - len(todo)
    return Study(plan.name, out, len(found.people), len(chosen), len(todo) - len(failed), before, every, written)


def _check_out(root: Path, out: Path) -> None:
    inside = out.resolve().relative_to(root.resolve()).parts if out.resolve().is_relative_to(root.resolve()) else None
    if inside is not None and inside[:1] != ("derivatives",):
        remedy = f"Name {root / 'derivatives' / 'asklepion'}, or a folder elsewhere."
        raise BadInput("Results are not written among the recordings.", where="--out", remedy=remedy)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        described = bids.metadata((out / "dataset_description.json").read_text("utf-8"), file=str(out))
        ours = any(each.get("Name") == keeping.PROGRAM for each in described["GeneratedBy"])  # type: ignore[attr-defined]
    except (OSError, BadInput, KeyError, TypeError, AttributeError):
        ours = False
    if not ours:
        remedy = "Name a new or an empty folder, or one that this command made."
        raise BadInput("The folder holds something else.", where=str(out), remedy=remedy)


def _begin(found: DataSet, plan: Plan, plan_file: Path) -> None:
    """Describe the derivative data set before anything is put into it."""
    source = _relative(found.root, found.out)
    described = bids.description(plan.name, version=keeping.program_version(), program=keeping.PROGRAM, source=source)
    keeping.write(found.out / "dataset_description.json", bids.written(described))
    keeping.write(found.out / "code" / "plan.yaml", plan_file.read_text("utf-8"))
    reports.describe(found, plan)


def _relative(root: Path, out: Path) -> str:
    return Path(os.path.relpath(root, out.resolve())).as_posix()


def _works(chosen: Sequence[Recording], plan: Plan, plan_file: Path, out: Path) -> tuple[list[_Work], tuple[Left, ...]]:
    """Return the work of each recording; those whose files cannot be read, and those whose results would collide."""
    own = dataset.baselines(chosen, plan)
    labels = plan_file.parent / plan.bold.labels if plan.bold and plan.bold.labels else None
    works: dict[Path, _Work] = {}
    left = []
    for each in chosen:
        wanted = plan.of(each.modality)
        assert wanted is not None
        of_brain = isinstance(wanted, plans.BoldPlan)
        task = Task(each, wanted, labels if of_brain else None, own.get(each))
        where = keeping.place(out, each.folder, each.name)
        if where.table in works:
            what = f"Its results would take the place of those of {works[where.table].task.recording.shown}."
            left.append(Left(each.shown, what, "Choose one of the two by `only` in the plan."))
            continue
        try:
            works[where.table] = _Work(task, where, measuring.inputs(task))
        except BadInput as error:
            left.append(Left(each.shown, error.what, error.remedy))
    return list(works.values()), tuple(left)


def _computed(
    todo: Sequence[_Work], total: int, *, workers: int, scheduler: str | None, progress: Progress
) -> Iterator[tuple[Recording, Left]]:
    """Compute and keep; yield what failed. Whatever was kept of a failed recording before is taken away."""
    done = total - len(todo)
    progress(done, total)
    tasks = [each.task for each in todo]
    for place, answer in spread(measuring.measured, tasks, workers=min(workers, len(tasks)), scheduler=scheduler):
        work = todo[place]
        if isinstance(answer, Measured):
            results.keep(work.where, work.task, answer, work.inputs)
        else:
            work.where.sidecar.unlink(missing_ok=True)
            work.where.table.unlink(missing_ok=True)
            yield work.task.recording, _left(work.task.recording, answer)
        done += 1
        progress(done, total)


def _left(recording: Recording, error: Exception) -> Left:
    """Return what failed, with the file called by its name wherever the error says where it lies."""
    file = recording.file
    if not isinstance(error, AsklepionError):
        return Left(recording.shown, f"{type(error).__name__}: {error}".replace(str(file), file.name), _UNEXPECTED)
    where = error.where.replace(str(file), "").strip(" ,:")
    place = f"{recording.shown}, {where}" if where and where != file.name else recording.shown
    return Left(place, error.what.replace(str(file), file.name), error.remedy)


def _tell_left(out: Path, left: Sequence[Left]) -> None:
    rows = [(each.where, each.what, each.remedy) for each in left]
    keeping.write(out / "logs" / "failures.tsv", bids.table(("where", "what", "remedy"), rows))
