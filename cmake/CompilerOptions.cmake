# What every target of the project is compiled with. Warnings are errors; third-party headers come in as
# system headers and are exempt.
add_library(offloader_options INTERFACE)
target_compile_options(offloader_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside the standard library once optimization is on, the last of Asio's coroutine frames.
  target_compile_options(offloader_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer
    -Wno-mismatched-new-delete)
  if(OFFLOADER_SANITIZE MATCHES "thread")
    # Asio's fences order its own handlers, which run under its locks as well; GCC says only that it cannot follow them.
    target_compile_options(offloader_options INTERFACE -Wno-tsan)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(offloader_options INTERFACE -Wthread-safety)  # base/thread_annotations.h
endif()
target_compile_definitions(offloader_options INTERFACE
  OFFLOADER_VERSION="${PROJECT_VERSION}" $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(OFFLOADER_SANITIZE)
  target_compile_options(offloader_options INTERFACE -fsanitize=${OFFLOADER_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(offloader_options INTERFACE -fsanitize=${OFFLOADER_SANITIZE})
endif()
include(Hardening)
# Tests and benchmarks find the repository's examples and golden files by this.
set(OFFLOADER_SOURCE_DIR_DEFINITION OFFLOADER_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
