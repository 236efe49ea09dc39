"""Facts are read whole or not at all, quickly, and the shipped ones hold together."""

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.flows import facts as room
from asklepion.knowledge import text
from asklepion.knowledge.load import PACKAGED, load, read
from asklepion.knowledge.schema import KINDS, schema
from asklepion.knowledge.types import Basis, Confidence, NotTrue, Source
from asklepion.knowledge.walk import walk

SOUND = Path(__file__).parents[1] / "rejects" / "sound"
SHIPPED = sorted(path for path in PACKAGED.rglob("*.yaml") if not path.name.endswith("cases.yaml"))


def test_what_is_read_is_typed() -> None:
    facts = load(SOUND)
    scale = facts.scales["made-scale"]
    assert scale.scores[0].basis == Basis(Confidence.SEEN, date(2026, 11, 23), (Source("made2020", "table 1"),))
    assert isinstance(scale.alerts[0].when.of[0], NotTrue)  # type: ignore[union-attr]
    assert scale.items[1].coded[0].code == 9
    assert facts.protocols["made-protocol"].visits[0].window.opens is None
    assert facts.consent_documents[0].effective_from == date(2026, 1, 1)
    assert set(facts.observables) == {"made-pressure", "made-low-pressure", "made-yes", "made-choice"}
    assert facts.references["gone2019"].status == "retracted"
    assert facts.references["made2020"].text == "Maker, Proof. A made-up study for tests. Journal of Nothing. 2020."
    assert facts.checked == date(2026, 11, 23)


def test_the_digest_is_of_every_byte(tmp_path: Path) -> None:
    for file in SOUND.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = load(tmp_path).digest
    assert before == load(tmp_path).digest
    (tmp_path / "observables.yaml").write_text((SOUND / "observables.yaml").read_text() + "# another byte\n")
    assert load(tmp_path).digest != before


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ManyFaults, match="no such folder"):
        load(tmp_path / "nowhere")


def test_every_fault_of_every_file_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("kind: drug\nid: 1\n---\nkind: dog\n")
    with pytest.raises(ManyFaults) as caught:
        load(tmp_path)
    assert {Path(fault.file).name for fault in caught.value.faults} == {"a.yaml", "b.yaml"}
    assert {fault.document for fault in caught.value.faults} == {1, 2}
    assert all(fault.line and fault.remedy for fault in caught.value.faults)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(content: str) -> None:
    found, faults = text.documents(content, "f.yaml")
    json.dumps([document.value for document in found], allow_nan=False)
    assert all(fault.file == "f.yaml" for fault in faults)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_schema_that_editors_can_use(kind: str) -> None:
    made = schema(kind)
    assert made["properties"]["kind"]["const"] == kind
    assert made["additionalProperties"] is False
    assert set(made["required"]) >= {"kind", "id", "title", "tier"}


def test_a_union_in_a_schema_is_told_apart_by_kind() -> None:
    item = schema("scale")["$defs"]["Item"]["properties"]["only_if"]
    assert "count_at_least" in json.dumps(item)


def test_no_schema_of_an_unknown_kind() -> None:
    with pytest.raises(BadInput, match="no kind dog"):
        schema("dog")


def test_walking_finds_every_part_with_its_path() -> None:
    parts = dict(walk(load(SOUND).scales["made-scale"]))
    assert parts["items", 1, "coded", 0].label == "not working"  # type: ignore[attr-defined]
    assert all(dataclasses.is_dataclass(part) for part in parts.values())


def test_the_shipped_facts_are_read_in_under_a_second() -> None:
    started = time.process_time()
    read()
    assert time.process_time() - started < 1


def test_the_shipped_facts_hold_together() -> None:
    assert [str(fault) for fault in room.faults()] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: str(path.relative_to(PACKAGED)))
def test_every_shipped_file_is_among_the_facts(file: Path) -> None:
    assert any(loaded.file == file for loaded in room.corpus().loaded)


class TestCommand:
    """`asklepion facts` on the made-up facts beside the shipped ones."""

    @pytest.fixture(autouse=True)
    def site(self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        folder = tmp_path_factory.mktemp("site")
        for name in ("scale.yaml", "medicines.yaml", "observables.yaml", "references.bib"):
            shutil.copy(SOUND / name, folder)
        monkeypatch.setenv("ASKLEPION_FACTS", str(folder))
        for held in (room.facts, room.corpus):
            held.cache_clear()
        yield
        for held in (room.facts, room.corpus):
            held.cache_clear()

    def run(self, *said: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["facts", *said], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    def test_check_counts_what_holds_together(self) -> None:
        told = json.loads(self.run("check", "--json"))
        assert told["hold_together"] is True
        assert told["faults"] == []
        assert told["counts"]["references"]["retracted"] >= 1
        assert "facts in" in self.run("check")

    def test_check_names_every_fault(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "broken.yaml").write_text((SOUND.parent / "source-unknown.yaml").read_text())
        monkeypatch.setenv("ASKLEPION_FACTS", str(tmp_path))
        assert "`made2021` is no reference." in self.run("check", code=1)
        told = json.loads(self.run("check", "--json", code=1))
        assert [fault["what"] for fault in told["faults"]] == ["`made2021` is no reference."]
        with pytest.raises(ManyFaults, match="do not hold together"):
            room.facts()

    def test_check_says_what_cannot_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "broken.yaml").write_text("kind: [")
        monkeypatch.setenv("ASKLEPION_FACTS", str(tmp_path))
        assert "not YAML" in self.run("check", code=1)

    def test_list_shows_the_weakest_confidence(self) -> None:
        listed = {line["id"]: line for line in json.loads(self.run("list", "--kind", "scale", "--json"))}
        assert listed["made-scale"]["confidence"] == "disputed"
        assert {line["kind"] for line in listed.values()} == {"scale"}
        assert "made-class" in self.run("list")

    def test_show_writes_sources_out_and_marks_the_retracted(self) -> None:
        shown = self.run("show", "made-scale")
        assert "status: RETRACTED" in shown
        assert "Maker, Proof. A made-up study for tests." in shown
        assert self.run("show", "made-yes").startswith("id: made-yes\ntitle: Told\nvalue: yes_no\n")
        assert json.loads(self.run("show", "gone2019", "--json"))[0]["cited_by"] == ["made-scale"]

    def test_what_is_not_there(self) -> None:
        for said in (("show", "nothing"), ("schema", "nothing"), ("list", "--kind", "nothing")):
            with pytest.raises(Exception, match="nothing"):
                self.run(*said)

    def test_schema(self) -> None:
        assert json.loads(self.run("schema", "protocol"))["title"] == "Protocol"
