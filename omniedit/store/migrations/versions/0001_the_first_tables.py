"""The first tables, and an index of the words of edits."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
INTO_WORDS = "INSERT INTO edit_words (rowid, words) VALUES (new.number, new.words);"
OUT_OF_WORDS = "INSERT INTO edit_words (edit_words, rowid, words) VALUES ('delete', old.number, old.words);"
WORDS = {  # an index of the column `words`, which follows the table
    "sqlite": (
        "CREATE VIRTUAL TABLE edit_words USING fts5 (words, content = 'edit', content_rowid = 'number')",
        f"CREATE TRIGGER edit_words_in AFTER INSERT ON edit BEGIN {INTO_WORDS} END",
        f"CREATE TRIGGER edit_words_out AFTER DELETE ON edit BEGIN {OUT_OF_WORDS} END",
        f"CREATE TRIGGER edit_words_new AFTER UPDATE OF words ON edit BEGIN {OUT_OF_WORDS} {INTO_WORDS} END",
    ),
    "postgresql": ("CREATE INDEX ix_edit_words ON edit USING gin (to_tsvector('simple', words))",),
}


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])

    op.create_table(
        "picture",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_picture"),
    )
    op.create_table(
        "snapshot",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_snapshot"),
        sa.UniqueConstraint("hash", name="uq_snapshot_hash"),
    )
    op.create_table(
        "edit",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("parent", NUMBER, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("runner", sa.String(length=120), nullable=False),
        sa.Column("began", MOMENT, nullable=False),
        sa.Column("ended", MOMENT, nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("mask", sa.String(length=64), nullable=True),
        sa.Column("material", sa.String(length=64), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("expanded", sa.Text(), nullable=True),
        sa.Column("task", sa.String(length=20), nullable=True),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=120), nullable=True),
        sa.Column("checkpoint", sa.String(length=120), nullable=True),
        sa.Column("made", sa.JSON(), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("binned", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["mask"], ["picture.hash"], name="fk_edit_mask"),
        sa.ForeignKeyConstraint(["material"], ["picture.hash"], name="fk_edit_material"),
        sa.ForeignKeyConstraint(["parent"], ["edit.number"], name="fk_edit_parent"),
        sa.ForeignKeyConstraint(["source"], ["picture.hash"], name="fk_edit_source"),
        sa.PrimaryKeyConstraint("number", name="pk_edit"),
        sa.UniqueConstraint("id", name="uq_edit_id"),
    )
    op.create_index("ix_edit_began", "edit", ["began"])
    op.create_index("ix_edit_binned", "edit", ["binned"])
    op.create_index("ix_edit_mask", "edit", ["mask"])
    op.create_index("ix_edit_material", "edit", ["material"])
    op.create_index("ix_edit_owner_number", "edit", ["owner", "number"])
    op.create_index("ix_edit_owner_task_number", "edit", ["owner", "task", "number"])
    op.create_index("ix_edit_parent", "edit", ["parent"])
    op.create_index("ix_edit_source", "edit", ["source"])
    op.create_index("ix_edit_status", "edit", ["status"])

    op.create_table(
        "training_run",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("snapshot", NUMBER, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("began", MOMENT, nullable=False),
        sa.Column("ended", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshot.number"], name="fk_training_run_snapshot"),
        sa.PrimaryKeyConstraint("number", name="pk_training_run"),
    )
    op.create_index("ix_training_run_snapshot", "training_run", ["snapshot"])

    op.create_table(
        "checkpoint",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("run", NUMBER, nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("promoted", MOMENT, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["training_run.number"], name="fk_checkpoint_run"),
        sa.PrimaryKeyConstraint("hash", name="pk_checkpoint"),
    )
    op.create_index("ix_checkpoint_run", "checkpoint", ["run"])

    op.create_table(
        "review",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("edit", NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sc", sa.Double(), nullable=True),
        sa.Column("pq", sa.Double(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["edit"], ["edit.number"], name="fk_review_edit", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_review"),
    )
    op.create_index("ix_review_edit", "review", ["edit"])

    op.create_table(
        "score",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("edit", NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("judge", sa.String(length=120), nullable=False),
        sa.Column("rubric", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("success", sa.Double(), nullable=True),
        sa.Column("restraint", sa.Double(), nullable=True),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["edit"], ["edit.number"], name="fk_score_edit", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_score"),
    )
    op.create_index("ix_score_edit", "score", ["edit"])

    op.create_table(
        "variant",
        sa.Column("edit", NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["edit"], ["edit.number"], name="fk_variant_edit", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["picture"], ["picture.hash"], name="fk_variant_picture"),
        sa.PrimaryKeyConstraint("edit", "place", name="pk_variant"),
    )
    op.create_index("ix_variant_picture", "variant", ["picture"])
    store = op.create_table("store", sa.Column("name", sa.String(16), nullable=False, primary_key=True))
    op.bulk_insert(store, [{"name": secrets.token_hex(8)}])
    for statement in WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE edit_words")
    for table in (
        "variant",
        "score",
        "review",
        "checkpoint",
        "training_run",
        "edit",
        "snapshot",
        "picture",
        "audit",
        "store",
    ):
        op.drop_table(table)
