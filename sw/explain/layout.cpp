// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/layout.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace systole::explain {
namespace {

constexpr int kDefaultWidth = 80, kMinWidth = 60, kMaxWidth = 120;
constexpr const char* kGap = "  ";

void trim_right(std::string* line) { line->erase(line->find_last_not_of(' ') + 1); }

}  // namespace

std::string wrap(const std::string& text, int used, int indent, int width) {
  std::string result;
  int column = used;
  bool first_word = true;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find(' ', at);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!first_word && column + 1 + int(word.size()) > width) {
      result += "\n" + std::string(size_t(indent), ' ');
      column = indent;
      first_word = true;
    }
    result += (first_word ? "" : " ") + word;
    column += int(word.size()) + (first_word ? 0 : 1);
    first_word = false;
  }
  return result + "\n";
}

std::vector<size_t> Table::widths() const {
  std::vector<size_t> widths(rows_.empty() ? 0 : rows_[0].size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

std::string Table::cell(const std::string& text, size_t column, size_t width) const {
  const bool right = std::find(right_.begin(), right_.end(), column) != right_.end();
  return right ? fmt::format("{:>{}}", text, width) : fmt::format("{:<{}}", text, width);
}

std::string Table::text() const {
  const std::vector<size_t> columns = widths();
  std::string text;
  for (const auto& row : rows_) {
    std::string line(size_t(indent_), ' ');
    for (size_t i = 0; i + 1 < row.size(); ++i) line += cell(row[i], i, columns[i]) + kGap;
    const int start = int(line.size());
    line += wrap(row.back(), start, start, width_);
    line.pop_back();
    trim_right(&line);
    text += line + "\n";
  }
  return text;
}

int terminal_width() {
  int width = 0;
  if (const char* columns = std::getenv("COLUMNS")) width = std::atoi(columns);
  winsize size{};
  if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  return std::clamp(width > 0 ? width : kDefaultWidth, kMinWidth, kMaxWidth);
}

}  // namespace systole::explain
