"""which passwords were generated, and which sessions were opened by password"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

IMPORTED = "$argon2id$v=19$m=8192,t=1,p=1$%"
"""Hashes of passwords that an import of accounts generated, and of no others."""


def upgrade() -> None:
    for table, column in (("account", "password_generated"), ("login_session", "by_password")):
        op.add_column(
            table, sa.Column(column, sa.Boolean(), server_default="false", nullable=False)
        )
    op.execute(
        sa.text(
            "UPDATE account SET password_generated = true WHERE password_hash LIKE :imported"
        ).bindparams(imported=IMPORTED)
    )


def downgrade() -> None:
    op.drop_column("login_session", "by_password")
    op.drop_column("account", "password_generated")
