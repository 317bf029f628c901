// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// SystemC can be elaborated once per process, so each simulation of a test runs in a child.
#pragma once

#include <functional>
#include <string>

namespace systole::test {

struct ChildResult {
  int exit_code = -1;  // -1: killed by a signal
  std::string out;
  std::string err;
};

// Runs `body` in a forked process and returns its result as exit code, and what it printed.
ChildResult run_in_child(const std::function<int()>& body);

// Runs a program; standard input is empty.
ChildResult run_program(const std::string& command_line);

// Runs `body`, which holds gtest expectations, in a child; a failure there fails the test here.
void expect_in_child(const std::function<void()>& body);

// Path of a test ELF of firmware/tests.
std::string test_elf(const std::string& name);

}  // namespace systole::test
