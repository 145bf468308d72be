"""public"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'

PUBLIC = sa.text("public AND status NOT IN ('merged', 'withdrawn')")


def upgrade() -> None:
    op.add_column(
        'category', sa.Column('coarse', sa.Boolean(), server_default='false', nullable=False)
    )
    op.create_index(
        'ix_case_public', 'case', [sa.text('submitted_at DESC'), sa.text('id DESC')],
        postgresql_where=PUBLIC,
    )
    op.create_index('ix_case_public_changed', 'case', ['changed_at'], postgresql_where=PUBLIC)


def downgrade() -> None:
    op.drop_index('ix_case_public_changed', table_name='case')
    op.drop_index('ix_case_public', table_name='case')
    op.drop_column('category', 'coarse')
