#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "offloader/base/descriptor.h"
#include "offloader/base/file.h"

namespace offloader::index {
namespace {

// The size of a large page, and writes are aligned to it. A file system with large folios then caches and
// maps each write as one page, so that a lookup in ten million rows walks fewer page tables.
constexpr std::size_t kBufferBytes = 2 << 20;

}  // namespace

Error index_not_written(int code, const std::string& what) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return {full ? ErrorCode::no_space : ErrorCode::unavailable,
          "The index cannot be written. Check the permissions, limits and disk of OFFLOADER_CACHE_DIR.",
          what + ": " + std::generic_category().message(code)};
}

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)), temporary_(path_) {
  temporary_ += ".tmp";
  fd_.reset(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!fd_.valid()) {
    note_error("open");
    return;
  }
  buffer_.reserve(kBufferBytes);
  const Header blank{};
  write_at_end(&blank, sizeof blank);
}

OutputFile::~OutputFile() {
  if (fd_.valid()) ::unlink(temporary_.c_str());
}

void OutputFile::note_error(const char* what) {
  if (failed_) return;
  failed_ = true;
  error_ = index_not_written(errno, std::string(what) + " " + temporary_.string());
}

void OutputFile::flush() {
  if (!failed_ && !write_all(fd_.get(), buffer_.data(), buffer_.size())) note_error("write");
  buffer_.clear();
}

void OutputFile::write_at_end(const void* data, std::size_t bytes) {
  if (failed_) return;
  size_ += bytes;
  for (const auto* from = static_cast<const char*>(data); bytes > 0;) {
    const std::size_t taken = std::min(bytes, kBufferBytes - buffer_.size());
    buffer_.append(from, taken);
    if (buffer_.size() == kBufferBytes) flush();
    from += taken;
    bytes -= taken;
  }
}

void OutputFile::align() {
  static constexpr char kZeros[kAlignment] = {};
  const std::uint64_t over = size_ % kAlignment;
  if (over != 0) write_at_end(kZeros, kAlignment - over);
}

void OutputFile::begin_section(Section kind, std::uint32_t column) {
  align();
  sections_.push_back({static_cast<std::uint32_t>(kind), column, size_, 0, 0});
  hash_ = Hash{};
}

void OutputFile::append(const void* data, std::size_t bytes) {
  hash_.update(data, bytes);
  write_at_end(data, bytes);
}

void OutputFile::end_section() {
  sections_.back().bytes = size_ - sections_.back().offset;
  sections_.back().hash = hash_.value();
}

Result<void> OutputFile::publish(Header header, const std::vector<ColumnEntry>& columns) {
  align();
  Hash directory;
  const std::size_t column_bytes = columns.size() * sizeof(ColumnEntry);
  const std::size_t section_bytes = sections_.size() * sizeof(SectionEntry);
  header.directory_offset = size_;
  header.directory_bytes = column_bytes + section_bytes;
  directory.update(columns.data(), column_bytes);
  directory.update(sections_.data(), section_bytes);
  write_at_end(columns.data(), column_bytes);
  write_at_end(sections_.data(), section_bytes);
  flush();
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.version = kVersion;
  header.header_bytes = sizeof header;
  header.file_bytes = size_;
  header.columns = static_cast<std::uint32_t>(columns.size());
  header.sections = static_cast<std::uint32_t>(sections_.size());
  header.directory_hash = directory.value();
  header.block_rows = kBlockRows;
  header.header_hash = hash_of(&header, offsetof(Header, header_hash));
  if (!failed_ && !write_all_at(fd_.get(), &header, sizeof header, 0)) note_error("write");
  if (!failed_ && ::fsync(fd_.get()) != 0) note_error("fsync");
  if (failed_) return fail(error_);
  if (!fd_.close()) {
    note_error("close");
  } else if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    note_error("rename");
  }
  if (failed_) {
    ::unlink(temporary_.c_str());
    return fail(error_);
  }
  return sync_path(path_.has_parent_path() ? path_.parent_path() : std::filesystem::path("."));
}

}  // namespace offloader::index
