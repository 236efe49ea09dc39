"""The tables. Private to this room: others use its verbs."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Account(AbstractUser):
    """Who may sign in. One role for good; `course` is a participant's own."""

    printed_name = models.CharField(max_length=200)
    role = models.CharField(max_length=32)
    course = models.CharField(max_length=32, blank=True)
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Course(models.Model):
    """The head of a course's chain. It advances with every entry."""

    code = models.CharField(primary_key=True, max_length=32)
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    simulated = models.BooleanField()


class LedgerEntry(models.Model):
    """One row of a ledger. The database itself refuses to change or delete it."""

    id = models.CharField(primary_key=True, max_length=36)
    course = models.CharField(max_length=32)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    body = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    clock_offset_ms = models.BigIntegerField()
    by = models.CharField(max_length=150)
    device = models.CharField(max_length=100)
    role = models.CharField(max_length=32)
    label = models.CharField(max_length=16)
    corrects = models.CharField(max_length=36, blank=True)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "seq"], name="entry_place")]
        indexes: ClassVar = [models.Index(fields=["by", "kind"], name="entry_by_whom")]


class ProjectedCourse(models.Model):
    """A CourseRow: what is filtered and sorted as columns, the whole as JSON."""

    course = models.CharField(primary_key=True, max_length=32)
    phase = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    next_role = models.CharField(max_length=64, blank=True)
    next_opens = models.DateField(null=True)
    next_due = models.DateField(null=True)
    next_closes = models.DateField(null=True)
    gated = models.BooleanField()
    never_opens = models.BooleanField()
    gate_opens = models.DateField(null=True)
    gate_closes = models.DateField(null=True)
    last_score = models.FloatField(null=True)
    search = models.TextField()
    row = models.TextField()
    edition = models.CharField(max_length=36, default="")
    """Another one each time that the rows are made from nothing, so that a process knows whether it made them."""

    class Meta:
        # Every column that a state is told from: pages over many people are counted and sorted from it alone.
        indexes: ClassVar = [
            models.Index(
                fields=[
                    *("phase", "next_closes", "next_opens", "next_due", "gated", "never_opens", "gate_opens"),
                    *("gate_closes", "next_role", "last_score", "course"),
                ],
                name="course_state",
            ),
            models.Index(fields=["course", "phase", "never_opens", "gate_opens", "gate_closes"], name="course_gate"),
        ]


class Todo(models.Model):
    """A ProjectedTask of a course."""

    course = models.ForeignKey(ProjectedCourse, on_delete=models.CASCADE, related_name="todos")
    task = models.CharField(max_length=200)
    role = models.CharField(max_length=64)
    opens = models.DateField(null=True)
    due = models.DateField(null=True)
    closes = models.DateField(null=True)
    gated = models.BooleanField()
    row = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "task"], name="todo_once")]
        indexes: ClassVar = [
            models.Index(fields=["opens", "closes", "due", "gated", "role", "task", "course"], name="todo_window")
        ]


class ProjectedScore(models.Model):
    """A ScoreRow of a course."""

    course = models.ForeignKey(ProjectedCourse, on_delete=models.CASCADE, related_name="scores")
    seq = models.PositiveIntegerField()
    scale = models.CharField(max_length=64)
    score = models.CharField(max_length=64)
    visit = models.CharField(max_length=64, blank=True)
    on = models.DateField()
    value = models.FloatField(null=True)
    label = models.CharField(max_length=16)
    protocol = models.CharField(max_length=64)
    baseline = models.BooleanField()
    categories = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "seq", "score"], name="score_once")]
        indexes: ClassVar = [models.Index(fields=["protocol", "scale", "score"], name="score_of_protocol")]


class Person(models.Model):
    """Names and contacts, encrypted. Without its key it can never be read again."""

    course = models.CharField(primary_key=True, max_length=32)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    forgotten_at = models.DateTimeField(null=True)


class Draft(models.Model):
    """An answer that was not handed in yet."""

    account = models.CharField(max_length=150)
    course = models.CharField(max_length=32)
    scale = models.CharField(max_length=64)
    visit = models.CharField(max_length=64, blank=True)
    item = models.CharField(max_length=64)
    value = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "course", "scale", "visit", "item"], name="draft_once")
        ]
