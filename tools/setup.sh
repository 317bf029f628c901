#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
#
# Installs the Debian 12 packages that are missing.
#   tools/setup.sh build   what building and running needs
#   tools/setup.sh test    that, and what the tests use besides
#   tools/setup.sh --list build|test   print the packages and do nothing
set -eu

build_packages="g++ python3 cmake ninja-build pkg-config ccache libsystemc-dev libonnx-dev libprotobuf-dev
  protobuf-compiler libflatbuffers-dev flatbuffers-compiler libfmt-dev nlohmann-json3-dev libboost-program-options-dev libgtest-dev
  libgmock-dev gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf verilator zlib1g-dev
  libpng-dev libjpeg62-turbo-dev"
test_packages="qemu-system-misc python3-torch python3-onnx python3-numpy clang-format yosys"

list() {
  echo $build_packages
  if [ "$1" = test ]; then echo $test_packages; fi
}

missing() {
  for package in $(list "$1"); do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}

main() {
  if [ "$1" = --list ]; then
    list "$2"
    return
  fi
  if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; install the equivalents of:" $(list "$1") >&2
    return
  fi
  local need
  need=$(missing "$1" | tr '\n' ' ')
  if [ -z "$need" ]; then return; fi
  local sudo=""
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      sudo=sudo
    else
      echo "setup: packages are missing; install them with" >&2
      echo "  sudo apt-get install --no-install-recommends $need" >&2
      exit 2
    fi
  fi
  echo "setup: installing $need" >&2
  $sudo apt-get update -q >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $need >&2
}

main "$@"
