#include "offloader/rows/format.h"

#include "offloader/rows/arrow_writer.h"
#include "offloader/rows/csv_writer.h"
#include "offloader/rows/json_writer.h"

namespace offloader::rows {

Result<std::unique_ptr<Writer>> TextWriters::make(Format format, WriterOptions options) const {
  switch (format) {
    case Format::json:
      return std::make_unique<JsonWriter>(std::move(options.memory));
    case Format::ndjson:
      return std::make_unique<JsonWriter>(std::move(options.memory), JsonWriter::Layout::lines);
    case Format::csv:
      return std::make_unique<CsvWriter>(std::move(options.memory), options.csv_guard);
    case Format::arrow:
      return std::make_unique<ArrowWriter>(std::move(options.memory));
    case Format::parquet:
      break;
  }
  return fail(ErrorCode::internal, "The server cannot write this format.",
              "there is no writer of Parquet here");
}

}  // namespace offloader::rows
