"""The database refuses to change, delete or replace a ledger entry, and lets a course's head only advance.

SQLite: INSERT OR REPLACE deletes what it replaces, and fires delete triggers only where a connection has set
recursive_triggers. Insert triggers fire on every connection, so they refuse what is there already.
"""

from typing import Any

from django.db import migrations

_SQLITE = """
CREATE TRIGGER entry_no_update BEFORE UPDATE ON record_ledgerentry
BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON record_ledgerentry
BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END;
CREATE TRIGGER entry_no_replace BEFORE INSERT ON record_ledgerentry
WHEN EXISTS (SELECT 1 FROM record_ledgerentry WHERE id = NEW.id OR (course = NEW.course AND seq = NEW.seq))
BEGIN SELECT RAISE(ABORT, 'a ledger entry is never replaced'); END;
CREATE TRIGGER head_no_replace BEFORE INSERT ON record_course
WHEN EXISTS (SELECT 1 FROM record_course WHERE code = NEW.code)
BEGIN SELECT RAISE(ABORT, 'the head of a ledger is never replaced'); END;
CREATE TRIGGER head_advances BEFORE UPDATE ON record_course
WHEN NEW.seq <> OLD.seq + 1 OR NEW.code <> OLD.code OR NEW.simulated <> OLD.simulated
BEGIN SELECT RAISE(ABORT, 'the head of a ledger only advances'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON record_course
BEGIN SELECT RAISE(ABORT, 'a ledger is never deleted'); END;
"""
_POSTGRES = """
CREATE FUNCTION record_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a ledger is never changed or deleted'; END $$;
CREATE TRIGGER entry_no_change BEFORE UPDATE OR DELETE ON record_ledgerentry
FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON record_ledgerentry EXECUTE FUNCTION record_refuse();
CREATE TRIGGER head_advances BEFORE UPDATE ON record_course FOR EACH ROW
WHEN (NEW.seq <> OLD.seq + 1 OR NEW.code <> OLD.code OR NEW.simulated <> OLD.simulated)
EXECUTE FUNCTION record_refuse();
CREATE TRIGGER head_no_delete BEFORE DELETE ON record_course FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER head_no_truncate BEFORE TRUNCATE ON record_course EXECUTE FUNCTION record_refuse();
"""


def refuse(apps: Any, schema_editor: Any) -> None:
    engine = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        if engine == "sqlite":
            for statement in _SQLITE.split("END;")[:-1]:
                cursor.execute(f"{statement} END")
        else:
            cursor.execute(_POSTGRES)


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(refuse)]
