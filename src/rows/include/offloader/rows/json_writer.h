#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/json_text.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

struct JsonBuffers;

// Writes rows as a JSON array of objects (query-semantics.md, "Values as JSON"). Ownership, threads and
// errors are those of Writer. begin() takes the buffers of the calling thread and finish() returns them to
// its calling thread, so a small page needs one allocation, its own text. Each cell checks once that there is
// room for it and then writes unchecked.
class JsonWriter final : public Writer {
 public:
  // A page of more than 1 MiB is counted in `memory`; null: unbounded.
  explicit JsonWriter(std::shared_ptr<ByteBudget> memory = nullptr);
  ~JsonWriter() override;
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  [[nodiscard]] Result<void> begin(const Columns& columns) override;
  [[nodiscard]] Result<void> write(const Batch& batch) override;
  [[nodiscard]] Result<void> finish() override;
  [[nodiscard]] Writer& totals() override;
  // Returns the rows as an array. The text of a page up to 1 MiB has spare capacity for an envelope.
  [[nodiscard]] Page take() override;

 private:
  void write_row(const Batch& batch, std::size_t row);
  void write_value(const Column& column, std::size_t row);
  void write_text(std::string_view text);
  void write_day(std::int32_t days);

  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
  }
  void grow(std::size_t bytes);
  void refuse(std::size_t bytes);
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

  std::unique_ptr<JsonBuffers> buffers_;  // from begin() to finish()
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::int64_t rows_ = 0;   // started so far
  std::int64_t limit_ = 0;  // the most rows that the plan allows
  std::shared_ptr<ByteBudget> memory_;
  ByteHold room_;
  std::string text_;  // set by finish()
  bool refused_ = false;
  std::unique_ptr<JsonWriter> totals_;  // null: none
};

}  // namespace offloader::rows
