# Finds the prebuilt DuckDB as `duckdb::duckdb`. dev/scripts/setup.sh installs it into .deps/duckdb as include/ and lib/libduckdb.so.
# OFFLOADER_DUCKDB_ROOT names another folder with the same structure.
set(OFFLOADER_DUCKDB_ROOT "$ENV{OFFLOADER_DUCKDB_ROOT}" CACHE PATH "Folder with include/duckdb.h and lib/libduckdb.so")
if(NOT OFFLOADER_DUCKDB_ROOT)
  set(OFFLOADER_DUCKDB_ROOT "${CMAKE_SOURCE_DIR}/.deps/duckdb" CACHE PATH "" FORCE)
endif()
find_path(OFFLOADER_DUCKDB_INCLUDE duckdb.h PATHS "${OFFLOADER_DUCKDB_ROOT}/include" NO_DEFAULT_PATH)
find_library(OFFLOADER_DUCKDB_LIBRARY duckdb PATHS "${OFFLOADER_DUCKDB_ROOT}/lib" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OffloaderDuckDB
  REQUIRED_VARS OFFLOADER_DUCKDB_LIBRARY OFFLOADER_DUCKDB_INCLUDE
  REASON_FAILURE_MESSAGE "run dev/scripts/setup.sh, or set OFFLOADER_DUCKDB_ROOT")
if(OffloaderDuckDB_FOUND AND NOT TARGET duckdb::duckdb)
  add_library(duckdb::duckdb SHARED IMPORTED)
  set_target_properties(duckdb::duckdb PROPERTIES
    IMPORTED_LOCATION "${OFFLOADER_DUCKDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OFFLOADER_DUCKDB_INCLUDE}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${OFFLOADER_DUCKDB_INCLUDE}")
endif()
