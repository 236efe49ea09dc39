"""The one tree of errors: a stable code, typed fields, and text that says what, where and what to do."""


class AsklepionError(Exception):
    """A misuse or a refusal. `code` is stable, `where` names the field, file or row, `remedy` says what to do next."""

    code = "error"

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        after = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{after}"


class UnknownId(AsklepionError):
    """No such course, fact, visit or account; also what a reader gets for what they may not see."""

    code = "unknown_id"


class BadInput(AsklepionError):
    """A value that cannot be taken as it is. Nothing was saved."""

    code = "bad_input"


class ManyFaults(BadInput):
    """Several faults of one file or form, all of them."""

    code = "many_faults"

    def __init__(self, what: str, faults: tuple[BadInput, ...], *, where: str = "", remedy: str = "") -> None:
        self.faults = faults
        super().__init__(what, where=where, remedy=remedy)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {fault}" for fault in self.faults)])


class BadFact(BadInput):
    """A fault of a fact file: the `file`, the `document` in it (from 1), the `line`, and the `path` of the field."""

    code = "bad_fact"

    def __init__(
        self, what: str, *, file: str, document: int = 0, line: int = 0, path: str = "", remedy: str = ""
    ) -> None:
        self.file = file
        self.document = document
        self.line = line
        self.path = path
        places = (file, f"document {document}" if document else "", f"line {line}" if line else "", path)
        super().__init__(what, where=", ".join(place for place in places if place), remedy=remedy)


class BadRow(BadInput):
    """A fault of a table: the `file`, the `line` in it (from 1), the name of the `column`, empty for the whole line."""

    code = "bad_row"

    def __init__(self, what: str, *, file: str, line: int, column: str = "", remedy: str = "") -> None:
        self.file = file
        self.line = line
        self.column = column
        places = (file, f"line {line}", f"column {column}" if column else "")
        super().__init__(what, where=", ".join(place for place in places if place), remedy=remedy)


class NotAllowed(AsklepionError):
    """The account's role may not do this."""

    code = "not_allowed"


class GateShut(AsklepionError):
    """A visit may not begin: a gate before it is not open."""

    code = "gate_shut"


class IdReused(AsklepionError):
    """An entry id came twice with different content. The first one stands."""

    code = "id_reused"


class HandedIn(AsklepionError):
    """A scale was handed in already. What was handed in stands; nothing is added to it."""

    code = "handed_in"


class ChainBroken(AsklepionError):
    """A ledger does not hash to what it says."""

    code = "chain_broken"


class ProofFailed(AsklepionError):
    """The signer did not prove who they are."""

    code = "proof_failed"
