# SPDX-License-Identifier: Apache-2.0
# C++17 is the one standard that Debian's libsystemc exports (sc_api_version_2_3_4_cxx201703L).
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)

option(SYSTOLE_WERROR "Treat compiler warnings as errors" OFF)
option(SYSTOLE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

find_program(SYSTOLE_CCACHE ccache)
if(SYSTOLE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${SYSTOLE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SYSTOLE_CCACHE})
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Bit-exact arithmetic: a contracted multiply-add would change results (one rounding instead of two).
add_compile_options(-Wall -Wextra -ffp-contract=off)
if(SYSTOLE_WERROR)
  add_compile_options(-Werror)
endif()
if(SYSTOLE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
