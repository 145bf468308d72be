"""the case that a limit on a reporter was set at"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("reporter_limit", sa.Column("case_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_reporter_limit_case_id_case"), "reporter_limit", "case", ["case_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_reporter_limit_case_id_case"), "reporter_limit", type_="foreignkey")
    op.drop_column("reporter_limit", "case_id")
