// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/platform/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

// libsystemc's own main() wants it; gtest's main() is the one that runs.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 0; }

namespace systole::test {
namespace {

// A temporary file without a name.
class Capture {
 public:
  Capture() : file_(std::tmpfile()) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { std::fclose(file_); }
  int descriptor() const { return fileno(file_); }
  std::string text() {
    std::rewind(file_);
    std::string result;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      result.push_back(static_cast<char>(c));
    }
    return result;
  }

 private:
  std::FILE* file_;
};

// AddressSanitizer remarks on SystemC's thread stacks when they are unwound, in lines that are no
// errors: they do not belong to what the program printed.
std::string without_sanitizer_remarks(const std::string& text) {
  std::istringstream in(text);
  std::string result;
  for (std::string line; std::getline(in, line);) {
    const bool remark = line.find("WARNING: ASan is ignoring requested") != line.npos ||
                        line == "False positive error reports may follow" ||
                        line.find("For details see https://github.com/google/sanit") == 0;
    if (!remark) result += line + "\n";
  }
  return result;
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

ChildResult run_in_child(const std::function<int()>& body) {
  Capture out;
  Capture err;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out.descriptor(), STDOUT_FILENO);
    dup2(err.descriptor(), STDERR_FILENO);
    const int code = body();
    std::fflush(nullptr);
    _exit(code);
  }
  ChildResult result;
  result.exit_code = wait_for(child);
  result.out = out.text();
  result.err = without_sanitizer_remarks(err.text());
  return result;
}

ChildResult run_program(const std::string& command_line) {
  return run_in_child([&command_line] {
    execl("/bin/sh", "sh", "-c", ("exec </dev/null; exec " + command_line).c_str(), nullptr);
    return 127;
  });
}

void expect_in_child(const std::function<void()>& body) {
  const ChildResult result = run_in_child([&body] {
    body();
    return ::testing::Test::HasFailure() ? 1 : 0;
  });
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

std::string test_elf(const std::string& name) {
  return std::string(SYSTOLE_BINARY_DIR) + "/firmware/test_" + name + ".elf";
}

}  // namespace systole::test
