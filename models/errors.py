"""Domain errors. The edge gives them HTTP numbers; nothing here knows any."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault of an input, `pointer` a JSON pointer (RFC 6901) to the field."""

    pointer: str
    message: str


class DomainError(Exception):
    """A refusal with a reason a person can act on, in Chinese."""

    def __init__(
        self,
        detail: str,
        faults: Sequence[FieldFault] = (),
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.extra = extra


class InvalidInput(DomainError):
    """A field is missing, malformed or out of bounds."""

    @classmethod
    def at(cls, pointer: str, message: str) -> "InvalidInput":
        return cls(message, [FieldFault(pointer, message)])


class ImportRefused(DomainError):
    """A file cannot be imported; names every fault."""


class EvidenceRefused(DomainError):
    """Photos or notes that do not prove what they should; names each reason."""


class OutsideServiceArea(DomainError):
    """The place lies in no grid and near none."""


class ImageNotAccepted(DomainError):
    """The upload is no picture that can be used."""


class PhotoUnusable(DomainError):
    """A photo id that is unknown, another's, or used already."""


class IdempotencyConflict(DomainError):
    """The same key came with another body."""


class SignedOut(DomainError):
    """No token, or one that is unknown, expired or revoked."""


class SignInRefused(DomainError):
    """Wrong name, password or code."""


class Forbidden(DomainError):
    """A role of the caller may never do this."""


class OwnPasswordRequired(DomainError):
    """The caller signed in by a generated password, and has to choose an own one first."""


class NotFound(DomainError):
    """It does not exist, or lies outside the caller's scope."""


class StaleCase(DomainError):
    """The caller saw an older version of the case."""


class IllegalMove(DomainError):
    """The action is not possible now; `allowed` lists what is."""


class Conflict(DomainError):
    """Two things that cannot both be."""


class TooMany(DomainError):
    """A limit per time was reached; `retry_after` in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotReady(DomainError):
    """It will be there shortly; `retry_after` in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class WeChatUnavailable(DomainError):
    """WeChat did not answer, or answered busy."""


class WeChatNotConfigured(DomainError):
    """No WeChat credentials are set on this server."""


class GeocoderUnavailable(DomainError):
    """The service that finds addresses did not answer, or refused."""


class StorageUnavailable(DomainError):
    """The photo store takes nothing now."""
