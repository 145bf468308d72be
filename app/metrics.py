"""What Prometheus reads. Each web process counts for itself."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("suishoupai_requests_total", "Requests answered", ["route", "status"])
SECONDS = Histogram(
    "suishoupai_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
OUTBOX_WAITING = Gauge("suishoupai_outbox_waiting", "Jobs not done yet")
OUTBOX_FAILED = Gauge("suishoupai_outbox_failed", "Jobs that failed for good")
