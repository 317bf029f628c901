# SPDX-License-Identifier: Apache-2.0
# systole_add_verilated(<target> TOP <module> PREFIX <class> SOURCES <file>... [ARGS <option>...])
# A static library with the Verilated model <class> of <module>; ARGS set parameters
# (-GLANES=16). Its code is optimised in every build type: Verilator's default is -Os, and nothing
# at all would be -O0, 25 times slower. Waves can be written (FST).
find_package(verilator 5.006 REQUIRED HINTS /usr/share/verilator $ENV{VERILATOR_ROOT})

function(systole_add_verilated target)
  cmake_parse_arguments(arg "" "TOP;PREFIX" "SOURCES;ARGS" ${ARGN})
  add_library(${target} STATIC)
  verilate(${target} TRACE_FST
    TOP_MODULE ${arg_TOP}
    PREFIX ${arg_PREFIX}
    SOURCES ${arg_SOURCES}
    VERILATOR_ARGS ${arg_ARGS} -O3 --x-assign fast --x-initial fast --noassert --no-timing
    OPT_FAST -O3
    OPT_SLOW -O1
    OPT_GLOBAL -O2)
  # Generated code: its warnings are not ours, and sanitizers would find nothing of ours in it.
  target_compile_options(${target} PRIVATE -w -fno-sanitize=all)
endfunction()
