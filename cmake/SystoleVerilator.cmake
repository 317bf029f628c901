# SPDX-License-Identifier: Apache-2.0
# systole_add_verilated(<target> TOP <module> PREFIX <class> [WAVES] SOURCES <file>...
#                       [ARGS <option>...])
# A static library with the Verilated model <class> of <module>; ARGS set parameters (-GLANES=16),
# WAVES lets it write FST files and costs speed. The code is optimised in every build type:
# Verilator's default is -Os, and nothing at all would be -O0, 25 times slower.
find_package(verilator 5.006 REQUIRED HINTS /usr/share/verilator $ENV{VERILATOR_ROOT})

# The instructions to use for that: by default the widest vectors of this machine.
include(CheckCXXSourceRuns)
foreach(level 4 3)
  set(features "__builtin_cpu_supports(\"avx2\") && __builtin_cpu_supports(\"bmi2\")")
  if(level EQUAL 4)
    set(features "__builtin_cpu_supports(\"avx512bw\") && __builtin_cpu_supports(\"avx512cd\") &&
      __builtin_cpu_supports(\"avx512dq\") && __builtin_cpu_supports(\"avx512vl\")")
  endif()
  set(CMAKE_REQUIRED_FLAGS -march=x86-64-v${level})
  check_cxx_source_runs("int main() { return !(${features}); }" SYSTOLE_HAS_X86_64_V${level})
  unset(CMAKE_REQUIRED_FLAGS)
endforeach()
set(vectors)
if(SYSTOLE_HAS_X86_64_V4)
  set(vectors -march=x86-64-v4 -mprefer-vector-width=512)
elseif(SYSTOLE_HAS_X86_64_V3)
  set(vectors -march=x86-64-v3)
endif()
set(SYSTOLE_RTL_VECTORS "${vectors}" CACHE STRING
  "Options for the Verilated models; empty if the build must run on other machines")

function(systole_add_verilated target)
  cmake_parse_arguments(arg "WAVES" "TOP;PREFIX" "SOURCES;ARGS" ${ARGN})
  set(optimise -O3 -fno-tree-slp-vectorize ${SYSTOLE_RTL_VECTORS})  # vectors of loops only
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
