"""Numbers a district may set: limits, tolerances and allowances."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits are written as in the catalogue: `2wh`, `1wd`, `0.5h`; also `5min`."""

    number_prefix: str = "HY"
    tolerance_m: float = 50
    near_m: float = 50
    accept_limit: str = "2wh"
    answer_limit: str = "2wh"
    verify_limit: str = "1wd"
    start_limit: str = "4wh"
    check_limit: str = "1wd"
    emergency_accept_limit: str = "5min"
    emergency_start_limit: str = "15min"
    suspension_days: int = 90
    photo_far_m: float = 300
    photo_old_days: int = 3
