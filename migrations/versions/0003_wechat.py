"""wechat"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'

PHONES = (("account", "phone"), ("report", "contact_phone"))


def upgrade() -> None:
    op.create_table('message_template',
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('template_id', sa.Text(), nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('event', name=op.f('pk_message_template'))
    )
    op.create_table('place_code',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_place_code'))
    )
    op.create_table('push',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('proof', sa.Text(), nullable=False),
    sa.Column('body_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('event', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push')),
    sa.UniqueConstraint('key', name=op.f('uq_push_key')),
    sa.UniqueConstraint('proof', name=op.f('uq_push_proof'))
    )
    op.create_index(op.f('ix_push_received_at'), 'push', ['received_at'], unique=False)
    op.create_table('binding',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('unbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('unbound_by', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_binding_account_id_account')),
    sa.ForeignKeyConstraint(['resident_id'], ['account.id'], name=op.f('fk_binding_resident_id_account')),
    sa.ForeignKeyConstraint(['unbound_by'], ['account.id'], name=op.f('fk_binding_unbound_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_binding'))
    )
    op.create_index(op.f('ix_binding_account_id'), 'binding', ['account_id'], unique=False)
    op.create_table('binding_code',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_binding_code_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_binding_code')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_binding_code_code_hash'))
    )
    op.create_table('consent',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('template_id', sa.Text(), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_consent_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'template_id', name=op.f('pk_consent'))
    )
    op.create_table('consent_entry',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('template_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('change', sa.Integer(), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_consent_entry_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_entry'))
    )
    op.create_index('ix_consent_entry_account_id_template_id_id', 'consent_entry', ['account_id', 'template_id', 'id'], unique=False)
    op.create_table('content_check',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('photo_id', sa.Uuid(as_uuid=False), nullable=True),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('because', sa.Text(), nullable=True),
    sa.Column('suggest', sa.Text(), nullable=True),
    sa.Column('label', sa.Integer(), nullable=True),
    sa.Column('trace_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'passed', 'held', 'released', 'refused')", name=op.f('ck_content_check_state')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_content_check_case_id_case')),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_content_check_decided_by_account')),
    sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_content_check_photo_id_photo')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content_check')),
    sa.UniqueConstraint('photo_id', name=op.f('uq_content_check_photo_id')),
    sa.UniqueConstraint('trace_id', name=op.f('uq_content_check_trace_id'))
    )
    op.create_index('ix_content_check_account_id', 'content_check', ['account_id'], unique=False)
    op.create_index('ix_content_check_case_id_seq', 'content_check', ['case_id', 'seq'], unique=False)
    op.create_index('ix_content_check_held', 'content_check', ['id'], unique=False, postgresql_where=sa.text("state = 'held'"))
    op.create_index('ix_content_check_waiting', 'content_check', ['created_at'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index('uq_content_check_words', 'content_check', ['case_id', 'seq'], unique=True, postgresql_where=sa.text('photo_id IS NULL'))
    op.create_table('message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('template_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('errcode', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'refused', 'failed')", name=op.f('ck_message_state')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_message_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_message_notice_id_notice'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('notice_id', name=op.f('uq_message_notice_id'))
    )
    op.create_index('ix_message_account_id_template_id_id', 'message', ['account_id', 'template_id', 'id'], unique=False)
    op.add_column('account', sa.Column('phone_blind', sa.LargeBinary(), nullable=True))
    op.create_index(op.f('ix_account_phone_blind'), 'account', ['phone_blind'], unique=False)
    op.add_column('notice', sa.Column('event', sa.Text(), server_default='', nullable=False))
    op.drop_index('ix_account_phone', table_name='account')
    safe = context.config.attributes["safe"]
    for table, column in PHONES:
        op.execute(
            f"ALTER TABLE {table} ALTER {column} TYPE bytea USING convert_to({column}, 'UTF8')"
        )
        for row_id, number in _numbers(table, column):
            phone = safe.phone(bytes(number).decode())
            _write(table, row_id, {column: phone.sealed})
            if table == "account":
                _write(table, row_id, {"phone_blind": phone.blind})


def downgrade() -> None:
    safe = context.config.attributes["safe"]
    for table, column in PHONES:
        for row_id, sealed in _numbers(table, column):
            _write(table, row_id, {column: safe.open(bytes(sealed)).encode()})
        op.execute(
            f"ALTER TABLE {table} ALTER {column} TYPE text USING convert_from({column}, 'UTF8')"
        )
    op.create_index('ix_account_phone', 'account', ['phone'], unique=False)
    op.drop_column('notice', 'event')
    op.drop_index(op.f('ix_account_phone_blind'), table_name='account')
    op.drop_column('account', 'phone_blind')
    op.drop_index('ix_message_account_id_template_id_id', table_name='message')
    op.drop_table('message')
    op.drop_index('uq_content_check_words', table_name='content_check', postgresql_where=sa.text('photo_id IS NULL'))
    op.drop_index('ix_content_check_waiting', table_name='content_check', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('ix_content_check_held', table_name='content_check', postgresql_where=sa.text("state = 'held'"))
    op.drop_index('ix_content_check_case_id_seq', table_name='content_check')
    op.drop_index('ix_content_check_account_id', table_name='content_check')
    op.drop_table('content_check')
    op.drop_index('ix_consent_entry_account_id_template_id_id', table_name='consent_entry')
    op.drop_table('consent_entry')
    op.drop_table('consent')
    op.drop_table('binding_code')
    op.drop_index(op.f('ix_binding_account_id'), table_name='binding')
    op.drop_table('binding')
    op.drop_index(op.f('ix_push_received_at'), table_name='push')
    op.drop_table('push')
    op.drop_table('place_code')
    op.drop_table('message_template')


def _numbers(table, column):
    rows = f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL"
    return op.get_bind().execute(sa.text(rows)).all()


def _write(table, row_id, values):
    there = sa.table(table, sa.column("id"), *map(sa.column, values))
    op.get_bind().execute(sa.update(there).where(there.c.id == row_id).values(values))
