"""the staff's pages: replies, views, spot checks, second factor, log of changes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


_INDEXES = (
    (
        "ix_report_ticket",
        "report",
        ["source", "submitted_at", "id"],
        "external_number IS NOT NULL",
    ),
    ("ix_case_closed_at", "case", ["closed_at", "id"], "closed_at IS NOT NULL"),
    ("ix_ledger_entry_call_back", "ledger_entry", ["at", "case_id"], "action = 'call_back'"),
    ("ix_feedback_bad", "feedback", ["at"], "NOT solved OR rating <= 2"),
    ("ix_audit_round_appeal_open", "audit_round", ["case_id"], "appeal_open > 0"),
    (
        "ix_timer_order_answered",
        "timer",
        ["met_at", "id"],
        "clock = 'supervise' AND met_at IS NOT NULL",
    ),
    ("ix_content_check_refused", "content_check", ["id"], "state = 'refused'"),
)


def _index_supervision() -> None:
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where))


def _make_draws_final() -> None:
    """No draw is changed or deleted; a finding is given once."""
    op.execute(
        """
        CREATE FUNCTION refuse_second_finding() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.finding IS NOT NULL OR NEW.spot_check_id <> OLD.spot_check_id
               OR NEW.position <> OLD.position OR NEW.case_id <> OLD.case_id
               OR NEW.self_handled <> OLD.self_handled THEN
                RAISE EXCEPTION 'a draw and its findings are final'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER final BEFORE UPDATE ON spot_check_item"
        " FOR EACH ROW EXECUTE FUNCTION refuse_second_finding()"
    )
    for table, what in (("spot_check", "UPDATE OR DELETE"), ("spot_check_item", "DELETE")):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {what} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    op.create_table(
        "reply_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_template")),
    )
    op.create_table(
        "admin_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_admin_entry_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_entry")),
    )
    op.create_index(op.f("ix_admin_entry_account_id"), "admin_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_admin_entry_at"), "admin_entry", ["at"], unique=False)
    op.create_table(
        "import_draft",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("coord_type", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_import_draft_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_import_draft")),
    )
    op.create_index(
        op.f("ix_import_draft_created_at"), "import_draft", ["created_at"], unique=False
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_saved_view_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_view_account_id_name")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "drawn_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("drawn_by", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("categories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("self_handled_weight", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_from", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["account.id"], name=op.f("fk_spot_check_drawn_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
    )
    op.create_table(
        "spot_check_item",
        sa.Column("spot_check_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("self_handled", sa.Boolean(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("found_by", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_spot_check_item_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["found_by"], ["account.id"], name=op.f("fk_spot_check_item_found_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["spot_check_id"],
            ["spot_check.id"],
            name=op.f("fk_spot_check_item_spot_check_id_spot_check"),
        ),
        sa.PrimaryKeyConstraint("spot_check_id", "position", name=op.f("pk_spot_check_item")),
    )
    op.create_index(
        op.f("ix_spot_check_item_case_id"), "spot_check_item", ["case_id"], unique=False
    )
    _make_draws_final()
    _index_supervision()
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.create_index('ix_anchor_head_case_number', 'anchor_head', ['case_number'], unique=False)
    op.create_index("ix_access_log_account_id_at", "access_log", ["account_id", "at"])
    op.drop_index("ix_access_log_account_id", table_name="access_log")


def downgrade() -> None:
    op.create_index("ix_access_log_account_id", "access_log", ["account_id"], unique=False)
    op.drop_index("ix_access_log_account_id_at", table_name="access_log")
    op.drop_index('ix_anchor_head_case_number', table_name='anchor_head')
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_since")
    op.drop_column("account", "totp_secret")
    op.drop_index(op.f("ix_spot_check_item_case_id"), table_name="spot_check_item")
    op.drop_table("spot_check_item")
    op.drop_table("spot_check")
    op.execute("DROP FUNCTION refuse_second_finding()")
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_import_draft_created_at"), table_name="import_draft")
    op.drop_table("import_draft")
    op.drop_index(op.f("ix_admin_entry_at"), table_name="admin_entry")
    op.drop_index(op.f("ix_admin_entry_account_id"), table_name="admin_entry")
    op.drop_table("admin_entry")
    op.drop_table("reply_template")
