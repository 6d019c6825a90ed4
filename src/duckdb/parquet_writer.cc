#include "parquet_writer.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace offloader::duckdb {
namespace {

tl::unexpected<Error> cannot_read(std::string detail) {
  return fail(ErrorCode::internal, "The answer cannot be read.", std::move(detail));
}

}  // namespace

ParquetWriter::ParquetWriter(std::shared_ptr<ParquetInstance> instance, rows::WriterOptions options)
    : instance_(std::move(instance)), streamed_(options.streamed), out_(std::move(options.memory)) {}

Result<void> ParquetWriter::begin(const rows::Columns& columns) {
  file_.reset();
  left_ = 0;
  copy_.reset();
  auto copy = ParquetCopy::start(instance_, columns);
  if (!copy) return fail(std::move(copy.error()));
  copy_ = std::move(*copy);
  return {};
}

Result<void> ParquetWriter::finish() {
  auto file = copy_->finish();
  copy_.reset();
  if (!file) return fail(std::move(file.error()));
  file_ = std::move(*file);
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0)
    return cannot_read(fmt::format("fstat: {}", std::generic_category().message(errno)));
  left_ = static_cast<std::size_t>(status.st_size);
  return streamed_ ? Result<void>() : load();
}

Result<void> ParquetWriter::load() {
  out_.begin(buffer_, 0);
  const std::size_t bytes = left_;
  out_.make_room(bytes);
  Result<std::size_t> got = 0;
  if (!out_.refused()) {
    out_.write(bytes, [&](char* at) {
      while (left_ > 0 && got) {
        got = read(at, left_);
        at += got.value_or(0);
      }
      return at;
    });
  }
  file_.reset();
  if (!got) return fail(std::move(got.error()));
  return out_.finish(0);
}

Result<std::string> ParquetWriter::drain() {
  std::string piece;
  if (!file_.valid()) return piece;
  Result<std::size_t> got = 0;
  piece.resize_and_overwrite(std::min(left_, kDrainBytes), [&](char* at, std::size_t bytes) {
    got = read(at, bytes);
    return got.value_or(0);
  });
  if (!got) return fail(std::move(got.error()));
  return piece;
}

Result<std::size_t> ParquetWriter::read(char* at, std::size_t bytes) {
  if (bytes == 0) return 0;
  const ssize_t got = read_some(file_.get(), at, bytes);
  if (got < 0) return cannot_read(fmt::format("read: {}", std::generic_category().message(errno)));
  // A file that lost its end would look whole.
  if (got == 0) return cannot_read(fmt::format("the file is {} bytes too short", left_));
  left_ -= static_cast<std::size_t>(got);
  return static_cast<std::size_t>(got);
}

}  // namespace offloader::duckdb
