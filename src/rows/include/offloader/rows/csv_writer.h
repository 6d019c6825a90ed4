#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/rows/text_output.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

// Writes rows as CSV (RFC 4180): a header, CRLF after each line, a value in quotes if it contains a quote, a
// comma, CR or LF. Null is empty, and an empty text is `""`. Values have the text that they have in JSON,
// without its quotes. Ownership, threads and errors are those of Writer.
class CsvWriter final : public Writer {
 public:
  // A page of more than 1 MiB is counted in `memory`; null: unbounded. `guard`: a text that a spreadsheet
  // would run, one that begins with `=`, `+`, `-`, `@`, a tab or CR, follows a `'`.
  CsvWriter(std::shared_ptr<ByteBudget> memory, bool guard);

  [[nodiscard]] Result<void> begin(const Columns& columns) override;
  [[nodiscard]] Result<void> write(const Batch& batch) override;
  [[nodiscard]] Result<std::string> drain() override { return out_.drain(); }
  [[nodiscard]] Result<void> finish() override;
  [[nodiscard]] Page take() override { return out_.take(); }

 private:
  void write_value(const Column& column, std::size_t row);
  void write_text(std::string_view text, bool guarded);
  // Writes what `append` appends to a text.
  template <typename Append>
  void write_scratch(Append append) {
    scratch_.clear();
    append(scratch_);
    out_.put(scratch_);
  }

  std::string buffer_;
  std::string scratch_;
  TextOutput out_;
  const bool guard_;
};

}  // namespace offloader::rows
