# SPDX-License-Identifier: Apache-2.0
# The firmware's own compiler: rules made by hand, because a CMake build has one C compiler and that
# is the host's.
find_program(SYSTOLE_RISCV_GCC riscv64-unknown-elf-gcc REQUIRED)

set(SYSTOLE_FIRMWARE_BOOT_DIR ${CMAKE_SOURCE_DIR}/firmware/boot)
set(SYSTOLE_FIRMWARE_BOOT_SOURCES
    ${SYSTOLE_FIRMWARE_BOOT_DIR}/crt0.S ${SYSTOLE_FIRMWARE_BOOT_DIR}/platform.c
    ${SYSTOLE_FIRMWARE_BOOT_DIR}/plic.c ${SYSTOLE_FIRMWARE_BOOT_DIR}/trap.c
    ${SYSTOLE_FIRMWARE_BOOT_DIR}/uart.c)
set(SYSTOLE_FIRMWARE_COMPILE_OPTIONS
    --specs=picolibc.specs -march=rv32imac_zicsr_zifencei -mabi=ilp32 -mcmodel=medany -std=gnu11
    -O2 -g -ffunction-sections -fdata-sections -Wall -Wextra)
if(SYSTOLE_WERROR)
  list(APPEND SYSTOLE_FIRMWARE_COMPILE_OPTIONS -Werror)
endif()
# Linked as plain rv32imac: the library variants know no _zicsr, and gcc would take those of RV64.
set(SYSTOLE_FIRMWARE_LINK_OPTIONS
    --specs=picolibc.specs -march=rv32imac -mabi=ilp32 -nostartfiles -Wl,--gc-sections
    -Wl,--no-warn-rwx-segments -T ${SYSTOLE_FIRMWARE_BOOT_DIR}/link.ld)

# Compiles one source for firmware <name>; sets <object_out> to the object's path.
function(systole_compile_firmware_source name source options object_out)
  get_filename_component(source ${source} ABSOLUTE)
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${source})
  string(REGEX REPLACE "[^A-Za-z0-9_.]" "_" stem ${relative})
  set(object ${CMAKE_BINARY_DIR}/firmware/objects/${name}/${stem}.o)
  get_filename_component(object_dir ${object} DIRECTORY)
  file(MAKE_DIRECTORY ${object_dir})
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_C_COMPILER_LAUNCHER} ${SYSTOLE_RISCV_GCC} ${SYSTOLE_FIRMWARE_COMPILE_OPTIONS}
            -I${SYSTOLE_FIRMWARE_BOOT_DIR} -I${CMAKE_SOURCE_DIR} -I${CMAKE_BINARY_DIR} ${options}
            -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    DEPENDS ${source}
    DEPFILE ${object}.d
    COMMENT "Compiling firmware ${relative}"
    VERBATIM COMMAND_EXPAND_LISTS)
  set(${object_out} ${object} PARENT_SCOPE)
endfunction()

# systole_add_firmware(<name> SOURCES <file>... [INCLUDES <dir>...] [DEFINES <name[=value]>...]
#                      [COMPILE_OPTIONS <option>...] [LINK_OPTIONS <option>...])
# An RV32 ELF at ${CMAKE_BINARY_DIR}/firmware/<name>.elf with firmware/boot linked in, built by `all`
# and by target firmware_<name>.
function(systole_add_firmware name)
  cmake_parse_arguments(arg "" "" "SOURCES;INCLUDES;DEFINES;COMPILE_OPTIONS;LINK_OPTIONS" ${ARGN})
  set(options ${arg_COMPILE_OPTIONS})
  foreach(dir IN LISTS arg_INCLUDES)
    get_filename_component(dir ${dir} ABSOLUTE)
    list(APPEND options -I${dir})
  endforeach()
  foreach(define IN LISTS arg_DEFINES)
    list(APPEND options -D${define})
  endforeach()
  set(objects)
  foreach(source IN LISTS SYSTOLE_FIRMWARE_BOOT_SOURCES arg_SOURCES)
    systole_compile_firmware_source(${name} ${source} "${options}" object)
    list(APPEND objects ${object})
  endforeach()
  set(elf ${CMAKE_BINARY_DIR}/firmware/${name}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${SYSTOLE_RISCV_GCC} ${SYSTOLE_FIRMWARE_LINK_OPTIONS} ${objects} ${arg_LINK_OPTIONS}
            -o ${elf}
    DEPENDS ${objects} ${SYSTOLE_FIRMWARE_BOOT_DIR}/link.ld
    COMMENT "Linking firmware ${name}.elf"
    VERBATIM COMMAND_EXPAND_LISTS)
  add_custom_target(firmware_${name} ALL DEPENDS ${elf})
endfunction()
