"""What cannot be done is refused, and the table that people read says how."""

from __future__ import annotations

from tests.refusals import REQUESTS, TABLE, table


def test_the_table_is_what_is_said() -> None:
    lines = list(table())
    assert TABLE.read_text() == "\n".join(lines) + "\n"
    assert len(REQUESTS) == 30
    assert not [line for line in lines if "| DONE |" in line]
