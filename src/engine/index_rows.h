#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index_column.h"
#include "offloader/base/json_text.h"
#include "offloader/query/plan.h"

namespace offloader::engine {

// Writes a page's rows as JSON. The buffers stay with the thread, so that a page costs one allocation: its
// own string.
class IndexRows {
 public:
  // For the plan's projections to encode.
  explicit IndexRows(const query::Plan& plan);

  [[nodiscard]] std::size_t columns() const { return labels_.size(); }
  void begin_row() {
    out_.append(first_row_ ? "{" : ",{");
    first_row_ = false;
  }
  void begin_value(std::size_t i) { out_.append(labels_[i]); }
  void end_row() { out_.push_back('}'); }

  void value(const IndexColumn& column, std::uint64_t key);
  void document(std::string_view text) { out_.append(text.empty() ? std::string_view("null") : text); }
  void count(std::uint64_t value) { json::append_uint(out_, value); }
  void wide(Int128 value) { json::append_int128(out_, value); }
  void number(double value) { json::append_double(out_, value); }
  void null() { out_.append("null"); }

  [[nodiscard]] std::string finish();

 private:
  std::string& out_;
  std::vector<std::string>& labels_;
  bool first_row_ = true;
};

}  // namespace offloader::engine
