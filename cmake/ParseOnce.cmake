# Parsing the same headers takes half of the time of a clean build. With OFFLOADER_PARSE_ONCE, the common standard headers are precompiled, for
# tests with those of GoogleTest, and a module in which nearly every source includes a heavy library can compile several sources at a time.
# Sources must still include what they use and keep their names distinct: the presets without this option (fuzz, tidy, dev) fail otherwise.
option(OFFLOADER_PARSE_ONCE "Precompile the common headers; compile some modules' sources together" OFF)
if(OFFLOADER_PARSE_ONCE)
  set(common_headers <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <deque> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <ostream> <set> <span> <string> <string_view> <thread> <unordered_map> <vector>
    <fmt/format.h> <tl/expected.hpp>)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled.cc" CONTENT "" @ONLY)
  add_library(offloader_precompiled OBJECT "${CMAKE_BINARY_DIR}/precompiled.cc")
  target_link_libraries(offloader_precompiled PRIVATE offloader_options fmt::fmt tl::expected)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(offloader_options INTERFACE -fpch-preprocess)  # ccache needs this to hash the precompiled headers
  endif()
  target_precompile_headers(offloader_precompiled PRIVATE ${common_headers})
  if(OFFLOADER_TESTS)
    add_library(offloader_precompiled_tests OBJECT "${CMAKE_BINARY_DIR}/precompiled.cc")
    target_link_libraries(offloader_precompiled_tests PRIVATE offloader_options offloader_test_options fmt::fmt tl::expected GTest::gmock)
    target_precompile_headers(offloader_precompiled_tests PRIVATE ${common_headers} <gmock/gmock.h> <gtest/gtest.h>)
  endif()
endif()

# offloader_parse_once(TARGET SOURCES): compiles SOURCES sources at a time; 1 compiles each one alone.
function(offloader_parse_once target sources)
  if(NOT OFFLOADER_PARSE_ONCE)
    return()
  endif()
  # A precompiled header needs the same definitions as its users, and fmt has one (FMT_SHARED).
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM offloader_precompiled)
  if(sources GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${sources})
  endif()
endfunction()

# The same for a test binary, whose sources are always compiled alone.
function(offloader_parse_test_once target)
  if(OFFLOADER_PARSE_ONCE)
    target_link_libraries(${target} PRIVATE fmt::fmt)
    target_precompile_headers(${target} REUSE_FROM offloader_precompiled_tests)
  endif()
endfunction()
