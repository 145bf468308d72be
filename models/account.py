"""People: accounts, the roles they hold and where, their sessions, what they agreed to, and looks
at identities."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Role(StrEnum):
    CITIZEN = "citizen"
    GRID_WORKER = "grid_worker"
    UNIT_STAFF = "unit_staff"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    SYSTEM = "system"


ROLE_LABELS = {
    Role.CITIZEN: "市民",
    Role.GRID_WORKER: "网格员",
    Role.UNIT_STAFF: "经办人",
    Role.DISPATCHER: "受理派遣员",
    Role.SUPERVISOR: "督查员",
    Role.ADMIN: "管理员",
    Role.SYSTEM: "系统",
}
GRANTABLE = frozenset(Role) - {Role.CITIZEN, Role.SYSTEM}


class Scope(StrEnum):
    ALL = "all"
    AREA = "area"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held over everything, an area subtree or a unit subtree."""

    role: Role
    scope: Scope
    code: str = ""

    def __str__(self) -> str:
        return self.scope.value if self.scope is Scope.ALL else f"{self.scope.value}:{self.code}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `id` is None for the system itself. `owes_password`: signed in by a generated
    password, and has to choose an own one first."""

    id: int | None
    display_name: str
    grants: tuple[Grant, ...] = ()
    unit: str | None = None
    phone_blind: bytes | None = field(default=None, repr=False)
    owes_password: bool = False

    @property
    def is_staff(self) -> bool:
        return bool(self.grants)

    @property
    def administers(self) -> bool:
        """Whether the installation as a whole is theirs to set up."""
        return any(g.role is Role.ADMIN and g.scope is Scope.ALL for g in self.grants)

    def holds(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.grants)


class Account(Base):
    """A person. `phone` is encrypted; `phone_blind` is its keyed hash, to find it by.
    `password_generated`: the password is one that we made, and others have read.

    `totp_secret` is encrypted too; it counts from `totp_since` on. `totp_step` is the last time
    step whose code was taken: none is taken twice.
    """

    __tablename__ = "account"

    id: Mapped[Id]
    display_name: Mapped[str]
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    password_generated: Mapped[bool] = mapped_column(server_default="false")
    openid: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[bytes | None]
    phone_blind: Mapped[bytes | None] = mapped_column(index=True)
    unit: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    is_head: Mapped[bool] = mapped_column(server_default="false")
    enabled: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    erased_at: Mapped[datetime | None]
    totp_secret: Mapped[bytes | None]
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None]


class BindingCode(Base):
    """A code that binds one WeChat identity to a staff account. Only its SHA-256 is stored."""

    __tablename__ = "binding_code"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]


class Binding(Base):
    """When a staff account was bound to a WeChat identity, and when and by whom unbound.

    `resident_id` is the account that the identity had as a resident; it gets it back.
    """

    __tablename__ = "binding"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    bound_at: Mapped[datetime]
    unbound_at: Mapped[datetime | None]
    unbound_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class RoleGrant(Base):
    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "scope", "code"),
        CheckConstraint("scope IN ('all', 'area', 'unit')", name="scope"),
        Index("ix_role_grant_scope_code", "scope", "code", "role"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str]
    scope: Mapped[str]
    code: Mapped[str] = mapped_column(server_default="")


class LoginSession(Base):
    """A bearer token in use. Only the SHA-256 of the token is stored. `by_password`: it was opened
    by the account's password, not by WeChat."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    by_password: Mapped[bool] = mapped_column(server_default="false")


class AccessLog(Base):
    """One look at a reporter's identity, or at an original photo."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_account_id_at", "account_id", "at"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    what: Mapped[str]
    reason: Mapped[str | None]


class PrivacyConsent(Base):
    """That an account agreed to one version of the privacy agreement. `agreed_at` is the phone's
    word, `recorded_at` ours. Append-only, and kept when the account is erased: it is the proof
    that what was done before was consented to, and names nobody any more."""

    __tablename__ = "privacy_consent"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    agreed_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class ReporterLimit(Base):
    """A supervisor's limit on a reporter: reports go to the desk until it ends.

    `case_id` is the case at which it was set; null: set before that was recorded.
    """

    __tablename__ = "reporter_limit"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    set_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
