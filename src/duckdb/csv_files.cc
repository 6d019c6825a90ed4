#include "csv_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace offloader::duckdb {
namespace {

constexpr std::uint64_t kLeastRead = 64;  // required by ByteInput::read()

}  // namespace

std::shared_ptr<CsvFiles> CsvFiles::of(std::shared_ptr<const PinnedFiles> pinned,
                                       const std::vector<manifest::ResolvedFile>& files,
                                       manifest::CsvDialect dialect, std::shared_ptr<InterruptWatch> watch,
                                       std::shared_ptr<executor::SourceWaits> waits) {
  auto out = std::make_shared<CsvFiles>();
  out->pinned_ = std::move(pinned);
  out->watch_ = std::move(watch);
  out->waits_ = std::move(waits);
  out->dialect_ = std::move(dialect);
  out->resolved_ = files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].declared.format != manifest::FileFormat::csv) continue;
    File& file = out->files_.emplace_back();
    file.path = fmt::format("{}{}.csv", kSeekableScheme, i);
    file.location = files[i].location;
    out->places_.emplace(std::string_view(file.path).substr(kSeekableScheme.size()), &file);
    out->resolved_[i].location = file.path;
  }
  return out;
}

const CsvFiles::File* CsvFiles::find(std::string_view path) const {
  for (const std::string_view scheme : {kSeekableScheme, kFlowingScheme}) {
    if (!path.starts_with(scheme)) continue;
    const auto found = places_.find(path.substr(scheme.size()));
    return found == places_.end() ? nullptr : found->second;
  }
  return nullptr;
}

std::string CsvFiles::path_in_sql(std::string_view path) const {
  const File* file = find(path);
  if (file == nullptr) return std::string(path);
  const bool as_it_is = compression_of(file->location) == Compression::none &&
                        dialect_.encoding == manifest::CsvEncoding::utf8 && !even_lines_.load() &&
                        !needs_plain_nulls(dialect_);
  if (as_it_is) return file->path;
  return std::string(kFlowingScheme) + file->path.substr(kSeekableScheme.size());
}

std::vector<std::string> CsvFiles::paths() const {
  std::vector<std::string> out;
  for (const File& file : files_) {
    out.push_back(file.path);
    out.push_back(std::string(kFlowingScheme) + file.path.substr(kSeekableScheme.size()));
  }
  return out;
}

Result<std::unique_ptr<ByteInput>> CsvFiles::input(std::string_view path,
                                                   std::function<bool()> interrupted) const {
  const File* file = find(path);
  if (file == nullptr) return fail(ErrorCode::internal, "The engine failed.", "no such CSV file");
  std::unique_ptr<ByteInput> input;
  const auto* pinned = pinned_ ? pinned_->find(file->location) : nullptr;
  if (pinned != nullptr && pinned->local) {
    auto opened = open_local_input(pinned->object);
    if (!opened) return opened;
    input = std::move(*opened);
  } else if (pinned != nullptr) {
    input = open_pinned_input(*pinned_, *pinned, watch_of(watch_, waits_, std::move(interrupted)));
  } else {
    auto opened = open_local_input(file->location);
    if (!opened) return opened;
    input = std::move(*opened);
  }
  return decoded(decompressed(std::move(input), compression_of(file->location)), dialect_.encoding);
}

Result<std::unique_ptr<CsvStream>> CsvFiles::stream(std::string_view path,
                                                    std::function<bool()> interrupted) const {
  auto opened = input(path, std::move(interrupted));
  if (!opened) return fail(std::move(opened.error()));
  const auto how = reading();
  if (needs_plain_nulls(dialect_)) *opened = with_plain_nulls(std::move(*opened), dialect_);
  if (how.even_lines) *opened = with_even_lines(std::move(*opened), dialect_);
  const File* file = find(path);
  const CsvGuard guard(dialect_, {file->columns.load(), how.alone});
  return std::unique_ptr<CsvStream>(new CsvStream(*this, *file, std::move(*opened), guard));
}

void CsvFiles::expect_columns(std::string_view path, std::size_t columns) {
  for (File& file : files_) {
    if (file.path == path) file.columns.store(columns);
  }
}

CsvFiles::Reading CsvFiles::reading() const {
  return {alone_.load(), even_lines_.load()};
}

bool CsvFiles::learn() {
  const bool alone = saw_quoted_line_end_.load() && !alone_.exchange(saw_quoted_line_end_.load());
  const bool even = saw_uneven_lines_.load() && !even_lines_.exchange(saw_uneven_lines_.load());
  return alone || even;
}

std::int64_t CsvFiles::rows(std::string_view path) const {
  const File* file = find(path);
  return file == nullptr ? -1 : file->rows.load();
}

void CsvFiles::note(const File& file, CsvGuard::Verdict verdict, std::int64_t records) const {
  if (verdict == CsvGuard::Verdict::quoted_line_end) saw_quoted_line_end_.store(true);
  if (verdict == CsvGuard::Verdict::uneven_lines) saw_uneven_lines_.store(true);
  if (verdict == CsvGuard::Verdict::good)
    file.rows.store(std::max<std::int64_t>(0, records - (dialect_.header ? 1 : 0)));
}

Result<std::uint64_t> CsvStream::fetch(char* buffer, std::uint64_t length) {
  if (carried_.empty()) {
    if (length >= kLeastRead || input_->seekable()) return input_->read(buffer, length);
    carried_.resize(kLeastRead);
    auto got = input_->read(carried_.data(), carried_.size());
    carried_.resize(got ? *got : 0);
    if (!got) return got;
  }
  const auto count = std::min<std::uint64_t>(length, carried_.size());
  std::copy_n(carried_.data(), count, buffer);
  carried_.erase(0, count);
  return count;
}

Result<std::uint64_t> CsvStream::read(char* buffer, std::uint64_t length) {
  std::uint64_t done = 0;
  bool ended = false;
  while (done < length && !ended) {
    auto got = fetch(buffer + done, length - done);
    if (!got) return fail(std::move(got.error()));
    done += *got;
    ended = *got == 0;
  }
  // A reader that knows the size does not read past the last byte.
  ended = ended || (seekable() && position_ + done >= size());
  const std::uint64_t end = position_ + done;
  auto verdict = CsvGuard::Verdict::good;
  if (end > guarded_) {
    // The guard has already checked bytes that are read again.
    const std::uint64_t known = position_ < guarded_ ? guarded_ - position_ : 0;
    verdict = guard_.scan(buffer + known, done - known);
    guarded_ = end;
  }
  position_ = end;
  if (verdict == CsvGuard::Verdict::good && ended && end == guarded_) {
    verdict = guard_.finish();
    files_.note(file_, verdict, guard_.records());
  }
  if (verdict == CsvGuard::Verdict::good) return done;
  files_.note(file_, verdict, 0);
  return fail(ErrorCode::rejected, "The CSV file is refused.", "stopped by the guard");
}

void CsvStream::seek(std::uint64_t position) {
  if (input_->seekable()) {
    input_->seek(position);
    position_ = position;
  } else if (position == 0) {
    input_->rewind();
    carried_.clear();
    position_ = 0;
    guarded_ = 0;
    guard_ = fresh_;
  }
}

}  // namespace offloader::duckdb
