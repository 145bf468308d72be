"""Administration: people, keys of other systems, how the installation runs, and its logs."""

from app.console.admin import account_forms, account_import, accounts, health, keys, logs

__all__ = ["account_forms", "account_import", "accounts", "health", "keys", "logs"]
