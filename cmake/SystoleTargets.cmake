# SPDX-License-Identifier: Apache-2.0

# systole_add_library(<name> SOURCES <file>... [LIBS <target>...])
# Headers are included by their path from the top of the tree: #include "hw/dma/dma_kernel.h".
function(systole_add_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PUBLIC ${arg_LIBS})
endfunction()

# systole_add_test(<name> SOURCES <file>... [LIBS <target>...] [LABELS <label>...] [TIMEOUT <s>])
# One GoogleTest executable per test file, registered with CTest under its own name. The target
# `sanitizer_tests` builds all with the label `sanitizer`: those that also run in the asan preset.
add_custom_target(sanitizer_tests)
function(systole_add_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_definitions(${name} PRIVATE
    SYSTOLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SYSTOLE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  if("sanitizer" IN_LIST arg_LABELS)
    add_dependencies(sanitizer_tests ${name})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1")
endfunction()
