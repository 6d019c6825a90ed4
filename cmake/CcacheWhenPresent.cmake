# A second checkout (a worktree, a clean clone) finds what the first compiled: paths count from the top of the
# tree, and the folder of the build is no part of what is looked up.
find_program(OFFLOADER_CCACHE ccache)
if(OFFLOADER_CCACHE)
  set(OFFLOADER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;${OFFLOADER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OFFLOADER_LAUNCHER}")
endif()
