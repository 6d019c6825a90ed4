# A second checkout (a worktree, a clean clone) finds what the first compiled: paths count from the top of the
# tree, and the folder of the build is no part of what is looked up. The sloppiness is what ccache
# asks for precompiled headers: no source here lets __TIME__ or a macro of its own decide what they are.
find_program(OFFLOADER_CCACHE ccache)
if(OFFLOADER_CCACHE)
  set(OFFLOADER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${OFFLOADER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
endif()
