# Parsing the same headers takes half of the time of a clean build. With OFFLOADER_PARSE_ONCE, the common standard headers are precompiled, and a
# module in which nearly every source includes a heavy library can compile several sources at a time. Sources must still include what they
# use and keep their names distinct: the presets without this option fail otherwise.
option(OFFLOADER_PARSE_ONCE "Precompile the common headers; compile some modules' sources together" OFF)
if(OFFLOADER_PARSE_ONCE)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled.cc" CONTENT "" @ONLY)
  add_library(offloader_precompiled OBJECT "${CMAKE_BINARY_DIR}/precompiled.cc")
  target_link_libraries(offloader_precompiled PRIVATE offloader_options fmt::fmt tl::expected)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(offloader_options INTERFACE -fpch-preprocess)  # ccache needs this to hash the precompiled headers
  endif()
  target_precompile_headers(offloader_precompiled PRIVATE
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <deque> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <ostream> <set> <span> <string> <string_view> <thread> <unordered_map> <vector>
    <fmt/format.h> <tl/expected.hpp>)
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
