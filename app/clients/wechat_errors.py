"""What a call to WeChat may fail with, and which of its numbers means which."""


class WeChatError(Exception):
    """A call that failed. `errcode` is WeChat's number, None where it gave none; `hint` is what
    of its words helps an operator and is no secret."""

    def __init__(self, message: str, errcode: int | None = None, hint: str = "") -> None:
        super().__init__(message if errcode is None else f"{message} (errcode {errcode})")
        self.errcode = errcode
        self.hint = hint


class WeChatCodeRefused(WeChatError):
    """A code of the mini program (sign-in, phone) is malformed, unknown, expired, used before, or
    of a high-risk user."""


class WeChatBusy(WeChatError):
    """No answer, none that can be understood, or one that asks to come back later.

    `unclear`: the request went out, so that WeChat may have done what was asked.
    """

    unclear = False


class WeChatQuotaUsedUp(WeChatBusy):
    """The day's calls are used up; there are new ones after midnight in China."""


class WeChatRefused(WeChatError):
    """WeChat will never do what was asked, however often."""


class WeChatNoConsent(WeChatRefused):
    """The person did not agree to such a message, or not to one more."""


class WeChatRisky(WeChatRefused):
    """The content is against the rules."""


class WeChatInactive(WeChatRefused):
    """The person has not used the mini program within two hours, or never."""


class WeChatMisconfigured(WeChatError):
    """WeChat refuses this server: app id, secret, address or rights. A person must look."""


TOKEN_DEAD = frozenset({40001, 40014, 42001})
PASSING = frozenset({-1, 45011})  # busy, called too often: over in a moment
_KINDS: dict[int, type[WeChatError]] = {
    -1: WeChatBusy,
    45011: WeChatBusy,
    45009: WeChatQuotaUsedUp,
    40029: WeChatCodeRefused,
    40163: WeChatCodeRefused,
    40226: WeChatCodeRefused,
    43101: WeChatNoConsent,
    87014: WeChatRisky,
    61010: WeChatInactive,
    40003: WeChatRefused,
    40037: WeChatRefused,
    41030: WeChatRefused,
    47003: WeChatRefused,
    40169: WeChatRefused,
}
_WORDS = {
    WeChatBusy: "WeChat is busy",
    WeChatQuotaUsedUp: "WeChat's quota is used up",
    WeChatCodeRefused: "WeChat refused the code",
    WeChatNoConsent: "the person did not agree to this message",
    WeChatRisky: "WeChat found the content risky",
    WeChatInactive: "the person was not active of late",
    WeChatRefused: "WeChat refused the request",
    WeChatMisconfigured: "WeChat refuses this server",
}


def error_of(errcode: int, hint: str = "") -> WeChatError:
    kind = _KINDS.get(errcode, WeChatMisconfigured)
    return kind(_WORDS[kind], errcode, hint)


def no_answer(*, unclear: bool) -> WeChatBusy:
    error = WeChatBusy("WeChat gave no answer that can be understood")
    error.unclear = unclear
    return error
