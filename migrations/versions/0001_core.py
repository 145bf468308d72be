"""core"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None


APPEND_ONLY = ("ledger_entry", "anchor", "anchor_head")


def upgrade() -> None:
    op.execute("CREATE SEQUENCE case_number")
    op.create_table('anchor',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('root', sa.LargeBinary(), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anchor')),
    sa.UniqueConstraint('at', name=op.f('uq_anchor_at'))
    )
    op.create_table('category',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('category_group', sa.Text(), nullable=False),
    sa.Column('group_name', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('handle_limit', sa.Text(), nullable=False),
    sa.Column('control_limit', sa.Text(), nullable=True),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('intake', sa.Text(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('min_photos', sa.SmallInteger(), nullable=False),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('aliases', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('accept_when', sa.Text(), nullable=False),
    sa.Column('close_when', sa.Text(), nullable=False),
    sa.Column('call_first', sa.Text(), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("evidence IN ('after_photo', 'photo_or_note')", name=op.f('ck_category_evidence')),
    sa.CheckConstraint("intake IN ('auto', 'verify', 'desk')", name=op.f('ck_category_intake')),
    sa.CheckConstraint("kind IN ('event', 'component')", name=op.f('ck_category_kind')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_category'))
    )
    op.create_table('import_batch',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    op.create_table('installation',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_installation'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('job', sa.Text(), nullable=False),
    sa.Column('args', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('running_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['due_at'], unique=False, postgresql_where=sa.text('failed_at IS NULL'))
    op.create_index('ix_outbox_failed', 'outbox', ['failed_at'], unique=False, postgresql_where=sa.text('failed_at IS NOT NULL'))
    op.create_table('unit',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['parent'], ['unit.code'], name=op.f('fk_unit_parent_unit')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_unit'))
    )
    op.create_table('account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('display_name', sa.Text(), nullable=False),
    sa.Column('username', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('openid', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('is_head', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('enabled', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['unit'], ['unit.code'], name=op.f('fk_account_unit_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('openid', name=op.f('uq_account_openid')),
    sa.UniqueConstraint('username', name=op.f('uq_account_username'))
    )
    op.create_index(op.f('ix_account_phone'), 'account', ['phone'], unique=False)
    op.create_index(op.f('ix_account_unit'), 'account', ['unit'], unique=False)
    op.create_table('anchor_head',
    sa.Column('anchor_id', sa.BigInteger(), nullable=False),
    sa.Column('case_number', sa.Text(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['anchor_id'], ['anchor.id'], name=op.f('fk_anchor_head_anchor_id_anchor')),
    sa.PrimaryKeyConstraint('anchor_id', 'case_number', name=op.f('pk_anchor_head'))
    )
    op.create_table('area',
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('priority', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('boundary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("level IN ('district', 'street', 'community', 'grid', 'overlay')", name=op.f('ck_area_level')),
    sa.ForeignKeyConstraint(['version'], ['import_batch.id'], name=op.f('fk_area_version_import_batch')),
    sa.PrimaryKeyConstraint('version', 'code', name=op.f('pk_area'))
    )
    op.create_table('calendar_exception',
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('hours', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['version'], ['import_batch.id'], name=op.f('fk_calendar_exception_version_import_batch')),
    sa.PrimaryKeyConstraint('calendar', 'day', name=op.f('pk_calendar_exception'))
    )
    op.create_table('responsibility',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('category_group', sa.Text(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('category IS NULL OR category_group IS NULL', name=op.f('ck_responsibility_category_or_group')),
    sa.ForeignKeyConstraint(['category'], ['category.code'], name=op.f('fk_responsibility_category_category')),
    sa.ForeignKeyConstraint(['unit'], ['unit.code'], name=op.f('fk_responsibility_unit_unit')),
    sa.ForeignKeyConstraint(['version'], ['import_batch.id'], name=op.f('fk_responsibility_version_import_batch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_responsibility'))
    )
    op.create_index('ix_responsibility_area', 'responsibility', ['area'], unique=False)
    op.create_table('case',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('raw_longitude', sa.Double(), nullable=False),
    sa.Column('raw_latitude', sa.Double(), nullable=False),
    sa.Column('coord_type', sa.Text(), nullable=False),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('street', sa.Text(), nullable=True),
    sa.Column('community', sa.Text(), nullable=True),
    sa.Column('grid', sa.Text(), nullable=True),
    sa.Column('overlay', sa.Text(), nullable=True),
    sa.Column('placed', sa.Text(), nullable=False),
    sa.Column('routed_unit', sa.Text(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('unit_1', sa.Text(), nullable=True),
    sa.Column('unit_2', sa.Text(), nullable=True),
    sa.Column('unit_3', sa.Text(), nullable=True),
    sa.Column('assignee_id', sa.BigInteger(), nullable=True),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('arbitrated', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('paraphrase', sa.Text(), nullable=True),
    sa.Column('flags', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reports', sa.Integer(), server_default='1', nullable=False),
    sa.Column('head_seq', sa.Integer(), nullable=False),
    sa.Column('head_hash', sa.LargeBinary(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('evidence_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('external_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('merged_into', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("status IN ('submitted', 'verifying', 'assigned', 'in_progress', 'suspended', 'resolved', 'closed', 'transferred', 'rejected', 'withdrawn', 'merged')", name=op.f('ck_case_status')),
    sa.ForeignKeyConstraint(['assignee_id'], ['account.id'], name=op.f('fk_case_assignee_id_account')),
    sa.ForeignKeyConstraint(['merged_into'], ['case.id'], name=op.f('fk_case_merged_into_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('number', name=op.f('uq_case_number'))
    )
    op.create_index('ix_case_category', 'case', ['category', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_community', 'case', ['community', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_due_at', 'case', ['due_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.create_index('ix_case_grid', 'case', ['grid', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_holder', 'case', ['holder', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.create_index('ix_case_open_place', 'case', [sa.literal_column('box(point(longitude, latitude))')], unique=False, postgresql_using='gist', postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.create_index('ix_case_place', 'case', [sa.literal_column('box(point(longitude, latitude))')], unique=False, postgresql_using='gist')
    op.create_index('ix_case_status', 'case', ['status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_street', 'case', ['street', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_unit_1', 'case', ['unit_1', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_unit_2', 'case', ['unit_2', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_case_unit_3', 'case', ['unit_3', 'status', sa.literal_column('submitted_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_table('duty',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('worker_id', sa.BigInteger(), nullable=True),
    sa.Column('weekdays', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('backup_id', sa.BigInteger(), nullable=True),
    sa.Column('duty_unit', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['backup_id'], ['account.id'], name=op.f('fk_duty_backup_id_account')),
    sa.ForeignKeyConstraint(['duty_unit'], ['unit.code'], name=op.f('fk_duty_duty_unit_unit')),
    sa.ForeignKeyConstraint(['worker_id'], ['account.id'], name=op.f('fk_duty_worker_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty'))
    )
    op.create_table('idempotency',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('account_id', 'route', 'key', name=op.f('pk_idempotency'))
    )
    op.create_index(op.f('ix_idempotency_created_at'), 'idempotency', ['created_at'], unique=False)
    op.create_table('leave',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('worker_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['worker_id'], ['account.id'], name=op.f('fk_leave_worker_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave'))
    )
    op.create_index(op.f('ix_leave_worker_id'), 'leave', ['worker_id'], unique=False)
    op.create_table('login_session',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idle_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_login_session_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_login_session'))
    )
    op.create_index(op.f('ix_login_session_account_id'), 'login_session', ['account_id'], unique=False)
    op.create_index(op.f('ix_login_session_expires_at'), 'login_session', ['expires_at'], unique=False)
    op.create_table('photo',
    sa.Column('id', sa.Uuid(as_uuid=False), nullable=False),
    sa.Column('uploader_id', sa.BigInteger(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sketch', sa.LargeBinary(), nullable=False),
    sa.Column('likeness', sa.BigInteger(), nullable=False),
    sa.Column('similar_to', postgresql.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
    sa.Column('band0', sa.Integer(), nullable=False),
    sa.Column('band1', sa.Integer(), nullable=False),
    sa.Column('band2', sa.Integer(), nullable=False),
    sa.Column('band3', sa.Integer(), nullable=False),
    sa.Column('exif_taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('exif_longitude', sa.Double(), nullable=True),
    sa.Column('exif_latitude', sa.Double(), nullable=True),
    sa.Column('exif_accuracy_m', sa.Double(), nullable=True),
    sa.Column('client_taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('client_longitude', sa.Double(), nullable=True),
    sa.Column('client_latitude', sa.Double(), nullable=True),
    sa.Column('client_accuracy_m', sa.Double(), nullable=True),
    sa.Column('clock_skew_s', sa.Double(), nullable=True),
    sa.Column('rendered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('original_erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['uploader_id'], ['account.id'], name=op.f('fk_photo_uploader_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo'))
    )
    op.create_index('ix_photo_band0', 'photo', ['band0'], unique=False)
    op.create_index('ix_photo_band1', 'photo', ['band1'], unique=False)
    op.create_index('ix_photo_band2', 'photo', ['band2'], unique=False)
    op.create_index('ix_photo_band3', 'photo', ['band3'], unique=False)
    op.create_index('ix_photo_sha256', 'photo', ['sha256'], unique=False, postgresql_using='hash')
    op.create_index(op.f('ix_photo_uploader_id'), 'photo', ['uploader_id'], unique=False)
    op.create_table('reporter_limit',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('set_by', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('appeal', sa.Text(), nullable=True),
    sa.Column('appealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_reporter_limit_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['set_by'], ['account.id'], name=op.f('fk_reporter_limit_set_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reporter_limit'))
    )
    op.create_index(op.f('ix_reporter_limit_account_id'), 'reporter_limit', ['account_id'], unique=False)
    op.create_table('role_grant',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("scope IN ('all', 'area', 'unit')", name=op.f('ck_role_grant_scope')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_role_grant_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('account_id', 'role', 'scope', 'code', name=op.f('uq_role_grant_account_id_role_scope_code'))
    )
    op.create_index('ix_role_grant_scope_code', 'role_grant', ['scope', 'code', 'role'], unique=False)
    op.create_table('access_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_access_log_account_id_account')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_access_log_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_log'))
    )
    op.create_index(op.f('ix_access_log_account_id'), 'access_log', ['account_id'], unique=False)
    op.create_index(op.f('ix_access_log_at'), 'access_log', ['at'], unique=False)
    op.create_index(op.f('ix_access_log_case_id'), 'access_log', ['case_id'], unique=False)
    op.create_table('ledger_entry',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_status', sa.Text(), nullable=True),
    sa.Column('to_status', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('previous', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_ledger_entry_case_id_case')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_ledger_entry'))
    )
    op.create_index('ix_ledger_entry_at', 'ledger_entry', ['at'], unique=False, postgresql_using='brin')
    op.create_table('ledger_text',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=True),
    sa.Column('content', sa.Text(), nullable=True),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_ledger_text_case_id_case')),
    sa.PrimaryKeyConstraint('case_id', 'seq', 'field', name=op.f('pk_ledger_text'))
    )
    op.create_index(op.f('ix_ledger_text_account_id'), 'ledger_text', ['account_id'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('entry_case_id', sa.BigInteger(), nullable=False),
    sa.Column('entry_seq', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('recorded_by', sa.BigInteger(), nullable=True),
    sa.Column('external_number', sa.Text(), nullable=True),
    sa.Column('external_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('reporter_name', sa.Text(), nullable=True),
    sa.Column('contact_phone', sa.Text(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('by_staff', sa.Boolean(), nullable=False),
    sa.Column('limited', sa.Boolean(), nullable=False),
    sa.Column('flags', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('receipt', sa.LargeBinary(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('urged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_report_account_id_account')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_report_case_id_case')),
    sa.ForeignKeyConstraint(['recorded_by'], ['account.id'], name=op.f('fk_report_recorded_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('case_id', 'ordinal', name=op.f('uq_report_case_id_ordinal')),
    sa.UniqueConstraint('source', 'external_number', name=op.f('uq_report_source_external_number'))
    )
    op.create_index('ix_report_account_id_id', 'report', ['account_id', 'id'], unique=False)
    op.create_table('report_words',
    sa.Column('report_id', sa.BigInteger(), nullable=False),
    sa.Column('grams', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_report_words_report_id_report')),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_report_words'))
    )
    op.create_index('ix_report_words_grams', 'report_words', ['grams'], unique=False, postgresql_using='gin')
    op.create_table('timer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('clock', sa.Text(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('step', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('met_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_timer_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timer'))
    )
    op.create_index('ix_timer_case_id', 'timer', ['case_id'], unique=False)
    op.create_index('ix_timer_order', 'timer', ['due_at'], unique=False, postgresql_where=sa.text("clock = 'supervise' AND met_at IS NULL AND cleared_at IS NULL"))
    op.create_index('ix_timer_next_at', 'timer', ['next_at'], unique=False, postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_table('attachment',
    sa.Column('photo_id', sa.Uuid(as_uuid=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.BigInteger(), nullable=True),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('unproven', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('attached_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_attachment_case_id_case')),
    sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_attachment_photo_id_photo')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_attachment_report_id_report')),
    sa.PrimaryKeyConstraint('photo_id', name=op.f('pk_attachment'))
    )
    op.create_index('ix_attachment_case_id_seq', 'attachment', ['case_id', 'seq'], unique=False)
    op.create_table('feedback',
    sa.Column('report_id', sa.BigInteger(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('solved', sa.Boolean(), nullable=False),
    sa.Column('rating', sa.SmallInteger(), nullable=False),
    sa.Column('by_staff', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_feedback_report_id_report')),
    sa.PrimaryKeyConstraint('report_id', 'round', name=op.f('pk_feedback'))
    )
    op.create_table('notice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('report_id', sa.BigInteger(), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_notice_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_notice_case_id_case')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_notice_report_id_report')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('account_id', 'case_id', 'cause', name=op.f('uq_notice_account_id_case_id_cause'))
    )
    op.create_index('ix_notice_account_id_id', 'notice', ['account_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_notice_unread', 'notice', ['account_id'], unique=False, postgresql_where=sa.text('read_at IS NULL'))
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_index('ix_notice_unread', table_name='notice', postgresql_where=sa.text('read_at IS NULL'))
    op.drop_index('ix_notice_account_id_id', table_name='notice')
    op.drop_table('notice')
    op.drop_table('feedback')
    op.drop_index('ix_attachment_case_id_seq', table_name='attachment')
    op.drop_table('attachment')
    op.drop_index('ix_timer_order', table_name='timer', postgresql_where=sa.text("clock = 'supervise' AND met_at IS NULL AND cleared_at IS NULL"))
    op.drop_index('ix_timer_next_at', table_name='timer', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.drop_index('ix_timer_case_id', table_name='timer')
    op.drop_table('timer')
    op.drop_index('ix_report_words_grams', table_name='report_words', postgresql_using='gin')
    op.drop_table('report_words')
    op.drop_index('ix_report_account_id_id', table_name='report')
    op.drop_table('report')
    op.drop_index(op.f('ix_ledger_text_account_id'), table_name='ledger_text')
    op.drop_table('ledger_text')
    op.drop_index('ix_ledger_entry_at', table_name='ledger_entry', postgresql_using='brin')
    op.drop_table('ledger_entry')
    op.drop_index(op.f('ix_access_log_case_id'), table_name='access_log')
    op.drop_index(op.f('ix_access_log_at'), table_name='access_log')
    op.drop_index(op.f('ix_access_log_account_id'), table_name='access_log')
    op.drop_table('access_log')
    op.drop_index('ix_role_grant_scope_code', table_name='role_grant')
    op.drop_table('role_grant')
    op.drop_index(op.f('ix_reporter_limit_account_id'), table_name='reporter_limit')
    op.drop_table('reporter_limit')
    op.drop_index(op.f('ix_photo_uploader_id'), table_name='photo')
    op.drop_index('ix_photo_sha256', table_name='photo', postgresql_using='hash')
    op.drop_index('ix_photo_band3', table_name='photo')
    op.drop_index('ix_photo_band2', table_name='photo')
    op.drop_index('ix_photo_band1', table_name='photo')
    op.drop_index('ix_photo_band0', table_name='photo')
    op.drop_table('photo')
    op.drop_index(op.f('ix_login_session_expires_at'), table_name='login_session')
    op.drop_index(op.f('ix_login_session_account_id'), table_name='login_session')
    op.drop_table('login_session')
    op.drop_index(op.f('ix_leave_worker_id'), table_name='leave')
    op.drop_table('leave')
    op.drop_index(op.f('ix_idempotency_created_at'), table_name='idempotency')
    op.drop_table('idempotency')
    op.drop_table('duty')
    op.drop_index('ix_case_unit_3', table_name='case')
    op.drop_index('ix_case_unit_2', table_name='case')
    op.drop_index('ix_case_unit_1', table_name='case')
    op.drop_index('ix_case_street', table_name='case')
    op.drop_index('ix_case_status', table_name='case')
    op.drop_index('ix_case_place', table_name='case', postgresql_using='gist')
    op.drop_index('ix_case_open_place', table_name='case', postgresql_using='gist', postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.drop_index('ix_case_holder', table_name='case', postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.drop_index('ix_case_grid', table_name='case')
    op.drop_index('ix_case_due_at', table_name='case', postgresql_where=sa.text("status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')"))
    op.drop_index('ix_case_community', table_name='case')
    op.drop_index('ix_case_category', table_name='case')
    op.drop_table('case')
    op.drop_index('ix_responsibility_area', table_name='responsibility')
    op.drop_table('responsibility')
    op.drop_table('calendar_exception')
    op.drop_table('area')
    op.drop_table('anchor_head')
    op.drop_index(op.f('ix_account_unit'), table_name='account')
    op.drop_index(op.f('ix_account_phone'), table_name='account')
    op.drop_table('account')
    op.drop_table('unit')
    op.drop_index('ix_outbox_failed', table_name='outbox', postgresql_where=sa.text('failed_at IS NOT NULL'))
    op.drop_index('ix_outbox_due', table_name='outbox', postgresql_where=sa.text('failed_at IS NULL'))
    op.drop_table('outbox')
    op.drop_table('installation')
    op.drop_table('import_batch')
    op.drop_table('category')
    op.drop_table('anchor')
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP SEQUENCE case_number")
