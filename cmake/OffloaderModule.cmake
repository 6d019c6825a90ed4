# offloader_define_for_users(NAME VALUE SOURCES…) defines NAME, a path in this checkout, for those sources that mention it. The other objects
# are then the same in every checkout, and ccache can share them.
function(offloader_define_for_users name value)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" uses REGEX "${name}" LIMIT_COUNT 1)
    if(uses)
      set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS "${name}=\"${value}\"")
    endif()
  endforeach()
endfunction()

# offloader_module(NAME [TOGETHER sources] [USES module…] [PRIVATE_USES module…] [LINKS lib…] [PRIVATE_LINKS lib…] [TEST_LINKS lib…])
#
# Defines a module. One folder is one module and one target:
#
#   *.cc                    the module
#   tests/*_test.cc         its one test binary; the suites Soak… of tests/soak_*_test.cc run separately, for `make soak`
#   bench/*.cc              one Google Benchmark binary each
#   fuzz/*.cc               one libFuzzer target each
#
# USES lists the modules whose types appear in this module's public headers. PRIVATE_USES lists those that only its sources use. TOGETHER is the
# number of sources that are compiled at a time (ParseOnce.cmake). The comment above the call describes the module. dev/scripts/check-modules
# writes the table of docs/architecture.md from these lists and comments, and checks the includes of the sources against them.
function(offloader_module NAME)
  cmake_parse_arguments(ARG "" "TOGETHER" "USES;PRIVATE_USES;LINKS;PRIVATE_LINKS;TEST_LINKS" ${ARGN})
  set(target offloader_${NAME})
  if(NOT ARG_TOGETHER)
    set(ARG_TOGETHER 1)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(TRANSFORM ARG_USES PREPEND offloader_)
  list(TRANSFORM ARG_PRIVATE_USES PREPEND offloader_)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/include")
    target_link_libraries(${target} PUBLIC ${ARG_USES} ${ARG_LINKS} PRIVATE offloader_options ${ARG_PRIVATE_USES} ${ARG_PRIVATE_LINKS})
    offloader_parse_once(${target} ${ARG_TOGETHER})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/include")
    target_link_libraries(${target} INTERFACE ${ARG_USES} ${ARG_LINKS})
  endif()

  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/*.cc")
  if(OFFLOADER_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_include_directories(${target}_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    offloader_define_for_users(OFFLOADER_SOURCE_DIR "${CMAKE_SOURCE_DIR}" ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${ARG_PRIVATE_USES} ${ARG_PRIVATE_LINKS} offloader_options
      offloader_test_options ${ARG_TEST_LINKS} GTest::gmock GTest::gtest_main)
    offloader_parse_test_once(${target}_test)
    add_test(NAME ${NAME} COMMAND ${target}_test)
    set_tests_properties(${NAME} PROPERTIES TIMEOUT 2700)
    file(GLOB soaks CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/soak_*_test.cc")
    if(soaks)
      # These tests are long if OFFLOADER_SOAK is set, and short otherwise. They are a test of their own, with the label soak.
      add_test(NAME ${NAME}_soak COMMAND ${target}_test --gtest_filter=Soak*)
      set_tests_properties(${NAME}_soak PROPERTIES LABELS soak TIMEOUT 14400 RUN_SERIAL TRUE)
      set_tests_properties(${NAME} PROPERTIES ENVIRONMENT "GTEST_FILTER=-Soak*")
    endif()
  endif()

  file(GLOB benches CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/bench/*.cc")
  if(OFFLOADER_BENCH)
    foreach(bench IN LISTS benches)
      get_filename_component(stem "${bench}" NAME_WE)
      add_executable(${NAME}_${stem} "${bench}")
      target_include_directories(${NAME}_${stem} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
      target_link_libraries(${NAME}_${stem} PRIVATE ${target} ${ARG_PRIVATE_USES} ${ARG_PRIVATE_LINKS} offloader_options
        benchmark::benchmark)
      if(OFFLOADER_TESTS)
        # A smoke test: CI notices a benchmark that no longer runs, but does not judge its figures.
        add_test(NAME ${NAME}_${stem}_smoke COMMAND ${NAME}_${stem} --benchmark_min_time=0.001)
        set_tests_properties(${NAME}_${stem}_smoke PROPERTIES TIMEOUT 300 LABELS bench)
      endif()
    endforeach()
  endif()

  file(GLOB fuzzers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*.cc")
  if(OFFLOADER_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(stem "${fuzzer}" NAME_WE)
      add_executable(fuzz_${stem} "${fuzzer}")
      target_include_directories(fuzz_${stem} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
      target_compile_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
      target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
      target_link_libraries(fuzz_${stem} PRIVATE ${target} ${ARG_PRIVATE_USES} ${ARG_PRIVATE_LINKS} offloader_options)
      add_dependencies(fuzzers fuzz_${stem})
    endforeach()
  endif()
endfunction()
