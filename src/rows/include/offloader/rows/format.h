#pragma once

#include <memory>

#include "offloader/base/byte_budget.h"
#include "offloader/base/result.h"
#include "offloader/catalog/format.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

using Format = catalog::Format;

struct WriterOptions {
  bool csv_guard = false;                // of the endpoint
  std::shared_ptr<ByteBudget> memory{};  // bounds the text that the writer holds; null: unbounded
  bool streamed = false;                 // the owner drains the answer instead of taking it
};

// Makes the writers of answers. The modules that know how to write a format are above the ones that ask for
// answers, so those are given a maker. Immutable; any thread.
class WriterMaker {
 public:
  virtual ~WriterMaker() = default;

  // Returns a writer of the format. Does not block. Errors: `internal` if there is none for the format.
  [[nodiscard]] virtual Result<std::unique_ptr<Writer>> make(Format format, WriterOptions options) const = 0;
};

// Makes the writers of this module: those of every format but Parquet.
class TextWriters final : public WriterMaker {
 public:
  [[nodiscard]] Result<std::unique_ptr<Writer>> make(Format format, WriterOptions options) const override;
};

}  // namespace offloader::rows
