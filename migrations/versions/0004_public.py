"""public"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'

PUBLIC = sa.text("public AND status NOT IN ('merged', 'withdrawn')")


def upgrade() -> None:
    op.create_table(
        'api_key',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('key_hash', sa.LargeBinary(), nullable=False),
        sa.Column('account_id', sa.BigInteger(), nullable=False),
        sa.Column('services', postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column('areas', postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column('per_hour', sa.Integer(), nullable=False),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'),
            nullable=False,
        ),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['account_id'], ['account.id'], name=op.f('fk_api_key_account_id_account')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_api_key')),
        sa.UniqueConstraint('key_hash', name=op.f('uq_api_key_key_hash')),
        sa.UniqueConstraint('name', name=op.f('uq_api_key_name')),
    )
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
    op.drop_table('api_key')
