"""Somebody else's files for browsers, as `tools/vendor.json` pins them; for all pages."""
