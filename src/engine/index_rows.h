#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "index_column.h"
#include "offloader/base/byte_budget.h"
#include "offloader/base/json_text.h"
#include "offloader/query/plan.h"

namespace offloader::engine {

// Writes a page's rows as JSON. The buffers stay with the thread, so that a page costs one allocation: its
// own string. A cell makes sure once that there is room for it and then writes without asking.
class IndexRows {
 public:
  // For the plan's projections to encode. A page that outgrows what the thread keeps is counted in `memory`;
  // null: unbounded.
  explicit IndexRows(const query::Plan& plan, ByteBudget* memory = nullptr);

  [[nodiscard]] std::size_t columns() const { return buffers_.labels.size(); }
  void begin_row() {
    make_room(2);
    if (rows_++ > 0) *at_++ = ',';
    *at_++ = '{';
  }
  void begin_value(std::size_t i) {
    const Label& label = buffers_.labels[i];
    if (label.text.size() > sizeof label.start) return put(label.text);
    // All of it, whatever is needed: a copy whose length is known takes two instructions.
    make_room(sizeof label.start);
    std::memcpy(at_, label.start, sizeof label.start);
    at_ += label.text.size();
  }
  void end_row() {
    make_room(1);
    *at_++ = '}';
  }

  void value(const IndexColumn& column, std::uint64_t key);
  void document(std::string_view text) { put(text.empty() ? std::string_view("null") : text); }
  void count(std::uint64_t value) {
    make_room(json::kIntegerBytes);
    at_ = json::write_uint(at_, value);
  }
  void wide(Int128 value);
  void number(double value);
  void null() { put("null"); }

  // Whether the page did not fit into memory: what is written is lost, and the query fails.
  [[nodiscard]] bool refused() const { return refused_; }

  // The rows as an array, with some room behind for what the envelope adds.
  [[nodiscard]] std::string finish();
  // After finish().
  [[nodiscard]] ByteHold take_room() { return std::move(room_); }

 private:
  struct Label {
    char start[32];
    std::string text;
  };
  // A day as it is written: there are few of them, and each is asked for again and again.
  struct Day {
    std::int32_t days;
    char text[12];
  };
  struct Buffers {
    std::string out;  // all of its size may be written to
    std::string text;
    std::vector<Label> labels;
    std::uint64_t labelled_shape = 0;  // of which plan the labels are
    std::vector<std::size_t> labelled_columns;
    std::array<Day, 512> days;
    Buffers();
  };
  static Buffers& buffers();

  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
  }
  void grow(std::size_t bytes);
  void label(const query::Plan& plan);
  void put(std::string_view text) {
    make_room(text.size());
    at_ += text.copy(at_, text.size());
  }
  void integer(std::int64_t value) {
    make_room(json::kIntegerBytes);
    at_ = json::write_int(at_, value);
  }
  void date(std::int32_t days);

  Buffers& buffers_;  // the thread's
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::int64_t rows_ = 0;  // begun
  std::int64_t limit_;
  ByteBudget* memory_;
  ByteHold room_;
  bool refused_ = false;
};

}  // namespace offloader::engine
