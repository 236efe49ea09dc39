"""The request as the door hands it to views: with who reads and who records."""

from django.http import HttpRequest

from asklepion.record.ledger import Author
from asklepion.record.reading import Reader


class Request(HttpRequest):
    """A request of somebody who is signed in. `web/middleware.py` sets both."""

    reader: Reader
    author: Author
