// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Text that keeps to a terminal's width. ASCII alone, so that bytes are columns.
#pragma once

#include <string>
#include <vector>

namespace systole::explain {

// A table whose last column takes the rest of the line and wraps there, at blanks.
class Table {
 public:
  Table(int indent, int width) : indent_(indent), width_(width) {}

  // Every row has as many cells as the first.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Columns that hold numbers: flush right. Not the last one.
  void align_right(std::vector<size_t> columns) { right_ = std::move(columns); }

  std::string text() const;

 private:
  std::vector<size_t> widths() const;
  std::string cell(const std::string& text, size_t column, size_t width) const;

  int indent_, width_;
  std::vector<size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` in lines of at most `width` columns; the first line starts at column `used` of a line that
// is there already, the others are indented by `indent`. Ends with a newline.
std::string wrap(const std::string& text, int used, int indent, int width);

// $COLUMNS, else the terminal on standard output, else 80; kept within 60 and 120.
int terminal_width();

}  // namespace systole::explain
