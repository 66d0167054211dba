"""Edits are looked at in the order in which they were made, those of another installation among them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD = ("began", "owner number", "owner task number", "status")
NEW = ("began number", "owner began number", "owner task began number", "status began number")
IN_BIN = sa.text("binned IS NOT NULL")


def upgrade() -> None:
    _change(OLD, NEW)
    op.drop_index("ix_edit_binned", "edit")
    op.create_index("ix_edit_binned", "edit", ["binned"], sqlite_where=IN_BIN, postgresql_where=IN_BIN)


def downgrade() -> None:
    _change(NEW, OLD)
    op.drop_index("ix_edit_binned", "edit")
    op.create_index("ix_edit_binned", "edit", ["binned"])


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Indexes of these columns give way to those."""
    for columns in before:
        op.drop_index(_name(columns), "edit")
    for columns in after:
        op.create_index(_name(columns), "edit", columns.split())


def _name(columns: str) -> str:
    return f"ix_edit_{columns.replace(' ', '_')}"
