#pragma once

#include <memory>
#include <string_view>

#include "offloader/rows/text_output.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

struct JsonBuffers;

// Writes rows as JSON objects (query-semantics.md, "Values as JSON"), in an array or one a line. Ownership,
// threads and errors are those of Writer. begin() takes the buffers of the calling thread and finish()
// returns them to its calling thread, so a small page needs one allocation, its own text.
class JsonWriter final : public Writer {
 public:
  enum class Layout {
    array,  // `[{…},{…}]`
    lines,  // each object followed by a line feed
  };

  // A page of more than 1 MiB is counted in `memory`; null: unbounded.
  explicit JsonWriter(std::shared_ptr<ByteBudget> memory = nullptr, Layout layout = Layout::array);
  ~JsonWriter() override;
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  [[nodiscard]] Result<void> begin(const Columns& columns) override;
  [[nodiscard]] Result<void> write(const Batch& batch) override;
  // Keeps back the end of the last line, so that an answer that breaks off ends within an object.
  [[nodiscard]] Result<std::string> drain() override;
  [[nodiscard]] Result<void> finish() override;
  [[nodiscard]] Writer& totals() override;
  // Returns the rows. The text of an array up to 1 MiB has spare capacity for an envelope.
  [[nodiscard]] Page take() override;

 private:
  void write_row(const Batch& batch, std::size_t row);
  void write_value(const Column& column, std::size_t row);
  void write_int(std::int64_t value);
  void write_text(std::string_view text);
  void write_day(std::int32_t days);

  std::unique_ptr<JsonBuffers> buffers_;  // from begin() to finish()
  TextOutput out_;
  const bool lines_;
  std::shared_ptr<ByteBudget> memory_;
  std::unique_ptr<JsonWriter> totals_;  // null: none
};

}  // namespace offloader::rows
