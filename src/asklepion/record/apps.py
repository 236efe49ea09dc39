"""The Django app."""

from django.apps import AppConfig


class Record(AppConfig):
    name = "asklepion.record"
    label = "record"
