# SPDX-License-Identifier: Apache-2.0
# systole_add_verilated(<target> TOP <module> PREFIX <class> [WAVES] SOURCES <file>...
#                       [ARGS <option>...])
# A static library with the Verilated model <class> of <module>; ARGS set parameters (-GLANES=16),
# WAVES lets it write FST files and costs speed. The code is optimised in every build type:
# Verilator's default is -Os, and nothing at all would be -O0, 25 times slower.
find_package(verilator 5.006 REQUIRED HINTS /usr/share/verilator $ENV{VERILATOR_ROOT})

function(systole_add_verilated target)
  cmake_parse_arguments(arg "WAVES" "TOP;PREFIX" "SOURCES;ARGS" ${ARGN})
  set(optimise -O2 -fno-tree-vectorize)  # vectors of two neighbours cost more than they save
  set(waves)
  if(arg_WAVES)
    set(optimise -O1)
    set(waves TRACE_FST)
  endif()
  add_library(${target} STATIC)
  verilate(${target} ${waves}
    TOP_MODULE ${arg_TOP}
    PREFIX ${arg_PREFIX}
    SOURCES ${arg_SOURCES}
    VERILATOR_ARGS ${arg_ARGS} -O3 --x-assign fast --x-initial fast --noassert --no-timing
                   --output-split 0
    OPT_FAST ${optimise}
    OPT_SLOW -O0
    OPT_GLOBAL -O2)
  # Generated code: its warnings are not ours, and sanitizers would find nothing of ours in it.
  target_compile_options(${target} PRIVATE -w -fno-sanitize=all)
  get_target_property(directories ${target} INTERFACE_INCLUDE_DIRECTORIES)
  set_target_properties(${target} PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
endfunction()
