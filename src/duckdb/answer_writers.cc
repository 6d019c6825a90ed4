#include "offloader/duckdb/answer_writers.h"

#include <utility>

#include "parquet_instance.h"
#include "parquet_writer.h"

namespace offloader::duckdb {

AnswerWriters::AnswerWriters(ParquetOptions options)
    : parquet_(std::make_shared<ParquetInstance>(std::move(options))) {}

Result<std::unique_ptr<rows::Writer>> AnswerWriters::make(rows::Format format,
                                                          rows::WriterOptions options) const {
  if (format != rows::Format::parquet) return text_.make(format, std::move(options));
  return std::make_unique<ParquetWriter>(parquet_, std::move(options));
}

}  // namespace offloader::duckdb
