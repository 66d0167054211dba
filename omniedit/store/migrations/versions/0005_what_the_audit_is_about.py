"""What the audit says of one edit is found at once: each edit that is taken in asks whether it was deleted here."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_about", "audit", ["about"])


def downgrade() -> None:
    op.drop_index("ix_audit_about", table_name="audit")
