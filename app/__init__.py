"""The web application: edges over services over models."""
