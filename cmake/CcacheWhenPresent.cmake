# Uses ccache if it is installed, and shares its results between checkouts (worktrees, clones): paths are relative to the top of the tree, and
# the build folder is not part of the hash. ccache requires the sloppiness settings for precompiled headers. They are safe, because no source
# here changes the meaning of these headers by __TIME__ or a macro of its own.
find_program(OFFLOADER_CCACHE ccache)
if(OFFLOADER_CCACHE)
  set(OFFLOADER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${OFFLOADER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
endif()
