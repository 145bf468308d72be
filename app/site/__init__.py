"""The public page: a map, a list, figures and results, for anybody and without signing in."""
