"""Errors say what is wrong, where, and what to do; several of one file come as one."""

from asklepion.core.errors import BadInput, BadRow, ManyFaults


def test_a_fault_of_a_table_names_file_line_and_column() -> None:
    fault = BadRow("`x` is not a number.", file="t.csv", line=3, column="VALUE", remedy="Write plain digits.")
    assert str(fault) == "t.csv, line 3, column VALUE: `x` is not a number. Write plain digits."
    assert (fault.code, fault.line, fault.column) == ("bad_row", 3, "VALUE")


def test_a_fault_of_a_whole_line_names_no_column() -> None:
    assert str(BadRow("It was cut off.", file="t.csv", line=9)) == "t.csv, line 9: It was cut off."


def test_many_faults_are_told_one_a_line() -> None:
    faults = ManyFaults("2 faults.", (BadInput("A.", where="a"), BadInput("B.")), remedy="Nothing was saved.")
    assert str(faults).splitlines() == ["2 faults. Nothing was saved.", "  a: A.", "  B."]
