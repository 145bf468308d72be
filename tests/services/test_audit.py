"""Figures from histories whose answers are known beforehand."""
