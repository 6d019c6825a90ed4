"""Stands in for scikit-build-core while fetch.sh downloads DuckDB's source distribution, which is never built."""
