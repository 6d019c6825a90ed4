"""The hooks of PEP 517 that DuckDB's own build backend imports from scikit-build-core."""

from pathlib import Path


def prepare_metadata_for_build_wheel(folder, *_args, **_kwargs):
    """Called by `pip download`. pip compares the name and version with the requested ones."""
    lines = Path("PKG-INFO").read_text(encoding="utf-8").splitlines()
    version = next(line.removeprefix("Version: ") for line in lines if line.startswith("Version: "))
    info = Path(folder, "duckdb.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: duckdb\nVersion: {version}\n", encoding="utf-8")
    return info.name


def _nothing(*_args, **_kwargs):
    return []


def _never(*_args, **_kwargs):
    raise RuntimeError("DuckDB's source distribution is only unpacked, never built")


get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel = _nothing
build_editable = build_sdist = build_wheel = prepare_metadata_for_build_editable = _never
