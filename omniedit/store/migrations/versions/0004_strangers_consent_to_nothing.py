"""What strangers said of training does not count: nobody knows who has said so."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STRANGER = "page:"  # as it was then
EDIT = sa.table("edit", sa.column("owner", sa.String), sa.column("consent", sa.Boolean))


def upgrade() -> None:
    theirs = sa.func.substr(EDIT.c.owner, 1, len(STRANGER)) == STRANGER
    op.execute(EDIT.update().where(theirs, EDIT.c.consent).values(consent=sa.false()))


def downgrade() -> None:
    """Nothing: which of them had consented is not kept."""
