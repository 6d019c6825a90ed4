# Options of every target of the project. Warnings are errors. Third-party headers are system headers and exempt.
add_library(offloader_options INTERFACE)
target_compile_options(offloader_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With optimization, GCC 12 reports these inside the standard library, and the last one in Asio's coroutine frames.
  target_compile_options(offloader_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer
    -Wno-mismatched-new-delete)
  if(OFFLOADER_SANITIZE MATCHES "thread")
    # GCC warns that the sanitizer does not support Asio's fences. They only order Asio's own handlers, which also run under its locks.
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
# Compiling the tests takes most of the time of a clean build, and what they run is the module, so the compiler spends less on them.
add_library(offloader_test_options INTERFACE)
target_compile_options(offloader_test_options INTERFACE -Wno-missing-field-initializers)  # tests name the members that matter to them
if(OFFLOADER_SANITIZE)
  target_compile_options(offloader_test_options INTERFACE -O0)
else()
  target_compile_options(offloader_test_options INTERFACE $<$<CONFIG:Release>:-O1>)
endif()
