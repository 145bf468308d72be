"""audit"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'

FROZEN = ("audit_frozen_month", "audit_frozen_round")


def upgrade() -> None:
    op.create_table('audit_day',
    sa.Column('pair', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('a', sa.Text(), nullable=False),
    sa.Column('b', sa.Text(), nullable=False),
    sa.Column('found', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('found_by_patrol', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('self_handled', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reported', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('accepted', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('assigned', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('never_handed_back', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('contacted_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_to_start', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('started_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('resolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('resolved_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reworked', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('extended', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('late', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late_resolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_reworked', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('appealed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('appeal_open', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('upheld', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_to_close', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('closed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('closed_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late_closed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('fixed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('recurred_7', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('recurred_30', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('answered', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('satisfied', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_answered', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called_solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called_unsolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('transferred', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('pair', 'day', 'a', 'b', name=op.f('pk_audit_day'))
    )
    op.create_table('audit_day_time',
    sa.Column('pair', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('a', sa.Text(), nullable=False),
    sa.Column('b', sa.Text(), nullable=False),
    sa.Column('codes', sa.LargeBinary(), nullable=False),
    sa.Column('counts', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('pair', 'day', 'a', 'b', name=op.f('pk_audit_day_time'))
    )
    op.create_table('audit_frozen_month',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('heads_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_audit_frozen_month'))
    )
    op.create_table('audit_frozen_round',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('worker', sa.BigInteger(), nullable=True),
    sa.Column('longitude_e7', sa.Integer(), nullable=False),
    sa.Column('latitude_e7', sa.Integer(), nullable=False),
    sa.Column('accept_holder', sa.Text(), nullable=True),
    sa.Column('unit_holder', sa.Text(), nullable=True),
    sa.Column('check_holder', sa.Text(), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('start_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('close_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transferred_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_day', sa.Date(), nullable=True),
    sa.Column('assigned_day', sa.Date(), nullable=True),
    sa.Column('start_due_day', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=True),
    sa.Column('close_due_day', sa.Date(), nullable=True),
    sa.Column('closed_day', sa.Date(), nullable=True),
    sa.Column('transferred_day', sa.Date(), nullable=True),
    sa.Column('started_day', sa.Date(), nullable=True),
    sa.Column('resolved_day', sa.Date(), nullable=True),
    sa.Column('suspended', postgresql.TSTZMULTIRANGE(), nullable=False),
    sa.Column('found', sa.SmallInteger(), nullable=False),
    sa.Column('found_by_patrol', sa.SmallInteger(), nullable=False),
    sa.Column('self_handled', sa.SmallInteger(), nullable=False),
    sa.Column('reported', sa.SmallInteger(), nullable=False),
    sa.Column('accepted', sa.SmallInteger(), nullable=False),
    sa.Column('assigned', sa.SmallInteger(), nullable=False),
    sa.Column('never_handed_back', sa.SmallInteger(), nullable=False),
    sa.Column('contacted_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('due_to_start', sa.SmallInteger(), nullable=False),
    sa.Column('started_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('due', sa.SmallInteger(), nullable=False),
    sa.Column('resolved', sa.SmallInteger(), nullable=False),
    sa.Column('resolved_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('reworked', sa.SmallInteger(), nullable=False),
    sa.Column('extended', sa.SmallInteger(), nullable=False),
    sa.Column('late', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late_resolved', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_reworked', sa.SmallInteger(), nullable=False),
    sa.Column('appealed', sa.SmallInteger(), nullable=False),
    sa.Column('appeal_open', sa.SmallInteger(), nullable=False),
    sa.Column('upheld', sa.SmallInteger(), nullable=False),
    sa.Column('due_to_close', sa.SmallInteger(), nullable=False),
    sa.Column('closed', sa.SmallInteger(), nullable=False),
    sa.Column('closed_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late_closed', sa.SmallInteger(), nullable=False),
    sa.Column('fixed', sa.SmallInteger(), nullable=False),
    sa.Column('recurred_7', sa.SmallInteger(), nullable=False),
    sa.Column('recurred_30', sa.SmallInteger(), nullable=False),
    sa.Column('answered', sa.SmallInteger(), nullable=False),
    sa.Column('solved', sa.SmallInteger(), nullable=False),
    sa.Column('satisfied', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_answered', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_solved', sa.SmallInteger(), nullable=False),
    sa.Column('called', sa.SmallInteger(), nullable=False),
    sa.Column('called_solved', sa.SmallInteger(), nullable=False),
    sa.Column('called_unsolved', sa.SmallInteger(), nullable=False),
    sa.Column('transferred', sa.SmallInteger(), nullable=False),
    sa.Column('accept_clock', sa.Integer(), nullable=True),
    sa.Column('accept_working', sa.Integer(), nullable=True),
    sa.Column('start_clock', sa.Integer(), nullable=True),
    sa.Column('start_working', sa.Integer(), nullable=True),
    sa.Column('resolve_clock', sa.Integer(), nullable=True),
    sa.Column('resolve_working', sa.Integer(), nullable=True),
    sa.Column('check_clock', sa.Integer(), nullable=True),
    sa.Column('check_working', sa.Integer(), nullable=True),
    sa.Column('close_clock', sa.Integer(), nullable=True),
    sa.Column('close_working', sa.Integer(), nullable=True),
    sa.Column('head_seq', sa.Integer(), nullable=False),
    sa.Column('head_hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('month', 'case_id', 'round', name=op.f('pk_audit_frozen_round'))
    )
    op.create_table('audit_month',
    sa.Column('pair', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('a', sa.Text(), nullable=False),
    sa.Column('b', sa.Text(), nullable=False),
    sa.Column('found', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('found_by_patrol', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('self_handled', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reported', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('accepted', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('assigned', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('never_handed_back', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('contacted_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_to_start', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('started_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('resolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('resolved_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reworked', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('extended', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('late', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late_resolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_reworked', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('appealed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('appeal_open', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('upheld', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_to_close', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('closed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('closed_in_time', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_late_closed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('fixed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('recurred_7', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('recurred_30', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('answered', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('satisfied', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_answered', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pardoned_solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called_solved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('called_unsolved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('transferred', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('pair', 'day', 'a', 'b', name=op.f('pk_audit_month'))
    )
    op.create_table('audit_month_time',
    sa.Column('pair', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('a', sa.Text(), nullable=False),
    sa.Column('b', sa.Text(), nullable=False),
    sa.Column('codes', sa.LargeBinary(), nullable=False),
    sa.Column('counts', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('pair', 'day', 'a', 'b', name=op.f('pk_audit_month_time'))
    )
    op.create_table('audit_queue',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_queue'))
    )
    op.create_table('audit_round',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('worker', sa.BigInteger(), nullable=True),
    sa.Column('longitude_e7', sa.Integer(), nullable=False),
    sa.Column('latitude_e7', sa.Integer(), nullable=False),
    sa.Column('accept_holder', sa.Text(), nullable=True),
    sa.Column('unit_holder', sa.Text(), nullable=True),
    sa.Column('check_holder', sa.Text(), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('start_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('close_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transferred_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_day', sa.Date(), nullable=True),
    sa.Column('assigned_day', sa.Date(), nullable=True),
    sa.Column('start_due_day', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=True),
    sa.Column('close_due_day', sa.Date(), nullable=True),
    sa.Column('closed_day', sa.Date(), nullable=True),
    sa.Column('transferred_day', sa.Date(), nullable=True),
    sa.Column('started_day', sa.Date(), nullable=True),
    sa.Column('resolved_day', sa.Date(), nullable=True),
    sa.Column('suspended', postgresql.TSTZMULTIRANGE(), nullable=False),
    sa.Column('found', sa.SmallInteger(), nullable=False),
    sa.Column('found_by_patrol', sa.SmallInteger(), nullable=False),
    sa.Column('self_handled', sa.SmallInteger(), nullable=False),
    sa.Column('reported', sa.SmallInteger(), nullable=False),
    sa.Column('accepted', sa.SmallInteger(), nullable=False),
    sa.Column('assigned', sa.SmallInteger(), nullable=False),
    sa.Column('never_handed_back', sa.SmallInteger(), nullable=False),
    sa.Column('contacted_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('due_to_start', sa.SmallInteger(), nullable=False),
    sa.Column('started_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('due', sa.SmallInteger(), nullable=False),
    sa.Column('resolved', sa.SmallInteger(), nullable=False),
    sa.Column('resolved_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('reworked', sa.SmallInteger(), nullable=False),
    sa.Column('extended', sa.SmallInteger(), nullable=False),
    sa.Column('late', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late_resolved', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_reworked', sa.SmallInteger(), nullable=False),
    sa.Column('appealed', sa.SmallInteger(), nullable=False),
    sa.Column('appeal_open', sa.SmallInteger(), nullable=False),
    sa.Column('upheld', sa.SmallInteger(), nullable=False),
    sa.Column('due_to_close', sa.SmallInteger(), nullable=False),
    sa.Column('closed', sa.SmallInteger(), nullable=False),
    sa.Column('closed_in_time', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_late_closed', sa.SmallInteger(), nullable=False),
    sa.Column('fixed', sa.SmallInteger(), nullable=False),
    sa.Column('recurred_7', sa.SmallInteger(), nullable=False),
    sa.Column('recurred_30', sa.SmallInteger(), nullable=False),
    sa.Column('answered', sa.SmallInteger(), nullable=False),
    sa.Column('solved', sa.SmallInteger(), nullable=False),
    sa.Column('satisfied', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_answered', sa.SmallInteger(), nullable=False),
    sa.Column('pardoned_solved', sa.SmallInteger(), nullable=False),
    sa.Column('called', sa.SmallInteger(), nullable=False),
    sa.Column('called_solved', sa.SmallInteger(), nullable=False),
    sa.Column('called_unsolved', sa.SmallInteger(), nullable=False),
    sa.Column('transferred', sa.SmallInteger(), nullable=False),
    sa.Column('accept_clock', sa.Integer(), nullable=True),
    sa.Column('accept_working', sa.Integer(), nullable=True),
    sa.Column('start_clock', sa.Integer(), nullable=True),
    sa.Column('start_working', sa.Integer(), nullable=True),
    sa.Column('resolve_clock', sa.Integer(), nullable=True),
    sa.Column('resolve_working', sa.Integer(), nullable=True),
    sa.Column('check_clock', sa.Integer(), nullable=True),
    sa.Column('check_working', sa.Integer(), nullable=True),
    sa.Column('close_clock', sa.Integer(), nullable=True),
    sa.Column('close_working', sa.Integer(), nullable=True),
    sa.Column('head_seq', sa.Integer(), nullable=False),
    sa.Column('head_hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'round', name=op.f('pk_audit_round'))
    )
    op.create_index('ix_audit_round_assigned_day', 'audit_round', ['assigned_day'], unique=False, postgresql_where=sa.text('assigned_day IS NOT NULL'))
    op.create_index('ix_audit_round_began', 'audit_round', ['category', sa.literal_column('(latitude_e7 / 4500)'), sa.literal_column('(longitude_e7 / 8000)'), 'began_at'], unique=False, postgresql_where=sa.text('round = 1 AND counted'))
    op.create_index('ix_audit_round_category', 'audit_round', ['category'], unique=False)
    op.create_index('ix_audit_round_close_due_day', 'audit_round', ['close_due_day'], unique=False, postgresql_where=sa.text('close_due_day IS NOT NULL'))
    op.create_index('ix_audit_round_closed_day', 'audit_round', ['closed_day'], unique=False, postgresql_where=sa.text('closed_day IS NOT NULL'))
    op.create_index('ix_audit_round_due_day', 'audit_round', ['due_day'], unique=False, postgresql_where=sa.text('due_day IS NOT NULL'))
    op.create_index('ix_audit_round_ended', 'audit_round', ['category', sa.literal_column('(latitude_e7 / 4500)'), sa.literal_column('(longitude_e7 / 8000)'), 'closed_at'], unique=False)
    op.create_index('ix_audit_round_grid', 'audit_round', [sa.literal_column("split_part(place, '/', 4)")], unique=False)
    op.create_index('ix_audit_round_resolved_day', 'audit_round', ['resolved_day'], unique=False, postgresql_where=sa.text('resolved_day IS NOT NULL'))
    op.create_index('ix_audit_round_start_due_day', 'audit_round', ['start_due_day'], unique=False, postgresql_where=sa.text('start_due_day IS NOT NULL'))
    op.create_index('ix_audit_round_started_day', 'audit_round', ['started_day'], unique=False, postgresql_where=sa.text('started_day IS NOT NULL'))
    op.create_index('ix_audit_round_submitted_day', 'audit_round', ['submitted_day'], unique=False, postgresql_where=sa.text('submitted_day IS NOT NULL'))
    op.create_index('ix_audit_round_suspended', 'audit_round', ['close_due_day'], unique=False, postgresql_where=sa.text("suspended <> '{}'"))
    op.create_index('ix_audit_round_transferred_day', 'audit_round', ['transferred_day'], unique=False, postgresql_where=sa.text('transferred_day IS NOT NULL'))
    op.create_table('audit_stale',
    sa.Column('month', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_audit_stale'))
    )
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table('audit_stale')
    op.drop_index('ix_audit_round_transferred_day', table_name='audit_round', postgresql_where=sa.text('transferred_day IS NOT NULL'))
    op.drop_index('ix_audit_round_suspended', table_name='audit_round', postgresql_where=sa.text("suspended <> '{}'"))
    op.drop_index('ix_audit_round_submitted_day', table_name='audit_round', postgresql_where=sa.text('submitted_day IS NOT NULL'))
    op.drop_index('ix_audit_round_started_day', table_name='audit_round', postgresql_where=sa.text('started_day IS NOT NULL'))
    op.drop_index('ix_audit_round_start_due_day', table_name='audit_round', postgresql_where=sa.text('start_due_day IS NOT NULL'))
    op.drop_index('ix_audit_round_resolved_day', table_name='audit_round', postgresql_where=sa.text('resolved_day IS NOT NULL'))
    op.drop_index('ix_audit_round_grid', table_name='audit_round')
    op.drop_index('ix_audit_round_ended', table_name='audit_round')
    op.drop_index('ix_audit_round_due_day', table_name='audit_round', postgresql_where=sa.text('due_day IS NOT NULL'))
    op.drop_index('ix_audit_round_closed_day', table_name='audit_round', postgresql_where=sa.text('closed_day IS NOT NULL'))
    op.drop_index('ix_audit_round_close_due_day', table_name='audit_round', postgresql_where=sa.text('close_due_day IS NOT NULL'))
    op.drop_index('ix_audit_round_category', table_name='audit_round')
    op.drop_index('ix_audit_round_began', table_name='audit_round', postgresql_where=sa.text('round = 1 AND counted'))
    op.drop_index('ix_audit_round_assigned_day', table_name='audit_round', postgresql_where=sa.text('assigned_day IS NOT NULL'))
    op.drop_table('audit_round')
    op.drop_table('audit_queue')
    op.drop_table('audit_month_time')
    op.drop_table('audit_month')
    op.drop_table('audit_frozen_round')
    op.drop_table('audit_frozen_month')
    op.drop_table('audit_day_time')
    op.drop_table('audit_day')
