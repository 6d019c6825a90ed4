#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/base/result.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

// The text of an answer while a writer makes it, in a buffer of the writer's. A cell checks once that there
// is room for it and then writes unchecked. A page of more than 1 MiB is counted in a budget; one that does
// not fit is given up: the row that is being written goes on over the start of a small buffer, and the writer
// fails after it. Used by one thread at a time.
class TextOutput {
 public:
  // `memory` counts a large page; null: unbounded.
  explicit TextOutput(std::shared_ptr<ByteBudget> memory) : memory_(std::move(memory)) {}

  // Starts a text in `buffer`, which must live until finish(). `most_rows`: those that the answer can have.
  void begin(std::string& buffer, std::int64_t most_rows);

  // Counts a row that is about to be written. Returns whether it is the first one.
  bool begin_row() { return rows_++ == 0; }

  // Makes room for at least so many bytes, which write() then needs not check.
  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
  }
  void put(char c) {
    make_room(1);
    *at_++ = c;
  }
  void put(std::string_view text) {
    make_room(text.size());
    at_ += text.copy(at_, text.size());
  }
  void put_quoted(std::string_view text) {
    make_room(text.size() + 2);
    *at_++ = '"';
    at_ += text.copy(at_, text.size());
    *at_++ = '"';
  }
  // Writes the first `used` bytes of an array, all of which is copied: a copy of a constant length takes two
  // instructions.
  template <std::size_t kSize>
  void put(const char (&bytes)[kSize], std::size_t used) {
    make_room(kSize);
    std::memcpy(at_, bytes, kSize);
    at_ += used;
  }
  // Calls `write(at)`, which writes at most `most` bytes and returns the end of them.
  template <typename Write>
  void write(std::size_t most, Write write) {
    make_room(most);
    at_ = write(at_);
  }

  // Whether the page has been given up.
  [[nodiscard]] bool refused() const { return refused_; }

  // Takes out the text so far, or after finish() the rest, for an answer that is sent while it is made.
  // Before finish(), the last `kept` bytes stay in the buffer.
  [[nodiscard]] std::string drain(std::size_t kept = 0);

  // Ends the text. A large one is moved out of the buffer. `spare`: capacity that a small one shall have
  // beyond its size. Errors: page_refused().
  [[nodiscard]] Result<void> finish(std::size_t spare);

  // Returns the text and its room. Requires: finish() succeeded.
  [[nodiscard]] Page take() { return {std::move(text_), std::move(room_)}; }

 private:
  void grow(std::size_t bytes);
  void refuse(std::size_t bytes);

  std::string* buffer_ = nullptr;  // from begin() to finish(); write anywhere within its size
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::int64_t rows_ = 0;   // started so far
  std::int64_t limit_ = 0;  // the most rows that the plan allows
  std::shared_ptr<ByteBudget> memory_;
  ByteHold room_;
  std::string text_;  // set by finish()
  bool refused_ = false;
};

}  // namespace offloader::rows
