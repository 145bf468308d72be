"""exchange with other systems"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('endpoint',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('unit', sa.Text(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('jurisdiction', sa.Text(), nullable=True),
        sa.Column('api_key', sa.LargeBinary(), nullable=True),
        sa.Column('services', postgresql.JSONB(), nullable=False),
        sa.Column('account_id', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('fetched_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_endpoint_account_id_account')),
        sa.ForeignKeyConstraint(['unit'], ['unit.code'], name=op.f('fk_endpoint_unit_unit')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_endpoint')),
    )
    op.create_index('uq_endpoint_unit', 'endpoint', ['unit'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('external_update',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('account_id', sa.BigInteger(), nullable=False),
        sa.Column('update_id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('taken_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_external_update_account_id_account')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_external_update_case_id_case')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_external_update')),
        sa.UniqueConstraint('account_id', 'update_id', name=op.f('uq_external_update_account_id_update_id')),
    )
    op.create_table('forwarded',
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('round', sa.Integer(), nullable=False),
        sa.Column('endpoint_id', sa.BigInteger(), nullable=False),
        sa.Column('attempted_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('token', sa.Text(), nullable=True),
        sa.Column('number', sa.Text(), nullable=True),
        sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('status', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_forwarded_case_id_case')),
        sa.ForeignKeyConstraint(['endpoint_id'], ['endpoint.id'], name=op.f('fk_forwarded_endpoint_id_endpoint')),
        sa.PrimaryKeyConstraint('case_id', 'round', 'endpoint_id', name=op.f('pk_forwarded')),
    )
    op.create_index('ix_forwarded_endpoint_id_number', 'forwarded', ['endpoint_id', 'number'], unique=False)
    op.create_table('media_link',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('report_id', sa.BigInteger(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('photo_id', sa.Uuid(as_uuid=False), nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_media_link_photo_id_photo')),
        sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_media_link_report_id_report')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_media_link')),
    )
    op.create_index('ix_media_link_report_id', 'media_link', ['report_id'], unique=False)
    op.add_column('api_key', sa.Column('rights', postgresql.ARRAY(sa.Text()), server_default='{read,write}', nullable=False))
    op.add_column('category', sa.Column('fields', postgresql.JSONB(), server_default='[]', nullable=False))
    op.create_index('ix_report_recorded_by', 'report', ['recorded_by', 'case_id'], unique=False, postgresql_where=sa.text("source = 'open311'"))


def downgrade() -> None:
    op.drop_index('ix_report_recorded_by', table_name='report', postgresql_where=sa.text("source = 'open311'"))
    op.drop_column('category', 'fields')
    op.drop_column('api_key', 'rights')
    op.drop_index('ix_media_link_report_id', table_name='media_link')
    op.drop_table('media_link')
    op.drop_index('ix_forwarded_endpoint_id_number', table_name='forwarded')
    op.drop_table('forwarded')
    op.drop_table('external_update')
    op.drop_index('uq_endpoint_unit', table_name='endpoint', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('endpoint')
