#include "day_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "offloader/base/ascii.h"
#include "offloader/base/timestamp.h"

namespace offloader::usage {
namespace {

constexpr std::string_view kEnding = ".usage";
constexpr std::string_view kUnfinished = ".usage.part";
constexpr std::string_view kHeading = "offloader usage 1 ";  // and the day
constexpr std::size_t kBlock = 256U << 10;                   // bytes
constexpr std::size_t kLastLine = 13;                        // `end 01234567\n`

std::string text_of(std::chrono::sys_days day) {
  std::string out;
  append_date(out, static_cast<std::int32_t>(day.time_since_epoch().count()));
  return out;
}

std::string last_line(unsigned long checksum) {
  std::string out(kLastLine + 1, '\0');
  std::snprintf(out.data(), out.size(), "end %08lx\n", checksum);
  out.pop_back();
  return out;
}

tl::unexpected<Error> failed(const char* action, const std::string& name) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full              ? ErrorCode::no_space
              : error == ENOENT ? ErrorCode::not_found
                                : ErrorCode::unavailable,
              "a file of the usage ledger cannot be accessed",
              std::string(action) + " usage/" + name + ": " + std::strerror(error));
}

tl::unexpected<Error> damaged(const std::string& name) {
  return fail(ErrorCode::corrupt, "a file of the usage ledger is damaged", "usage/" + name);
}

// Reads the first `left` bytes of a file, and calls `use` with each block. Returns false if reading fails or
// `use` returns false.
template <typename Use>
bool for_each_block(int file, std::uint64_t left, Use&& use) {
  if (::lseek(file, 0, SEEK_SET) != 0) return false;
  const auto block = std::make_unique<char[]>(kBlock);
  while (left > 0) {
    const ssize_t got = read_some(file, block.get(), std::min<std::uint64_t>(left, kBlock));
    if (got <= 0) return false;
    if (!use(std::string_view(block.get(), static_cast<std::size_t>(got)))) return false;
    left -= static_cast<std::uint64_t>(got);
  }
  return true;
}

unsigned long add_to(unsigned long checksum, std::string_view bytes) {
  return ::crc32(checksum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
}

}  // namespace

std::string file_name(std::chrono::sys_days day) {
  return text_of(day).append(kEnding);
}

std::optional<std::chrono::sys_days> day_of(std::string_view file_name) {
  if (!file_name.ends_with(kEnding)) return std::nullopt;
  const auto day = parse_date(file_name.substr(0, file_name.size() - kEnding.size()));
  if (!day) return std::nullopt;
  return std::chrono::sys_days{std::chrono::days{*day}};
}

bool is_unfinished(std::string_view file_name) {
  return file_name.ends_with(kUnfinished);
}

Result<void> read_day_file(const OwnedFolder& folder, std::chrono::sys_days day,
                           const std::function<bool(std::string_view line)>& use) {
  const std::string name = file_name(day);
  const Descriptor file(
      ::openat(folder.descriptor(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return errno == ELOOP ? damaged(name) : failed("open", name);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("stat", name);
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) < kLastLine) return damaged(name);

  const std::uint64_t lines = static_cast<std::uint64_t>(status.st_size) - kLastLine;
  unsigned long checksum = ::crc32(0, nullptr, 0);
  errno = 0;
  if (!for_each_block(file.get(), lines, [&](std::string_view block) {
        checksum = add_to(checksum, block);
        return true;
      })) {
    return errno == 0 ? damaged(name) : failed("read", name);
  }
  std::string end(kLastLine, '\0');
  if (read_some(file.get(), end.data(), end.size()) != static_cast<ssize_t>(end.size()) ||
      end != last_line(checksum))
    return damaged(name);

  std::string line;
  bool first = true;
  const std::string heading = std::string(kHeading) + text_of(day);
  const bool whole = for_each_block(file.get(), lines, [&](std::string_view block) {
    while (!block.empty()) {
      const std::size_t at = block.find('\n');
      if (at == std::string_view::npos) return line.append(block), true;
      line.append(block.substr(0, at));
      block.remove_prefix(at + 1);
      if (!(first ? line == heading : use(line))) return false;
      first = false;
      line.clear();
    }
    return true;
  });
  if (!whole || first || !line.empty()) return damaged(name);
  return {};
}

DayFileWriter::~DayFileWriter() {
  if (!temporary_.empty()) folder_.remove(temporary_);
}

Result<void> DayFileWriter::begin() {
  constexpr mode_t kMode = 0640;
  const std::string name = text_of(day_).append(kUnfinished);
  folder_.remove(name);  // of a process that was killed
  file_.reset(::openat(folder_.descriptor(), name.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (!file_.valid()) return failed("create", name);
  temporary_ = name;
  checksum_ = ::crc32(0, nullptr, 0);
  return add(std::string(kHeading) + text_of(day_) + "\n");
}

Result<void> DayFileWriter::add(std::string_view lines) {
  checksum_ = add_to(checksum_, lines);
  buffer_.append(lines);
  return buffer_.size() < kBlock ? Result<void>() : write_out();
}

Result<void> DayFileWriter::write_out() {
  if (!write_all(file_.get(), buffer_.data(), buffer_.size())) return failed("write", temporary_);
  buffer_.clear();
  return {};
}

Result<void> DayFileWriter::finish() {
  buffer_.append(last_line(checksum_));
  if (auto written = write_out(); !written) return written;
  if (::fsync(file_.get()) != 0) return failed("sync", temporary_);
  if (!file_.close()) return failed("close", temporary_);
  const std::string name = file_name(day_);
  if (::renameat(folder_.descriptor(), temporary_.c_str(), folder_.descriptor(), name.c_str()) != 0)
    return failed("rename", temporary_);
  temporary_.clear();
  if (::fsync(folder_.descriptor()) != 0) return failed("sync the folder of", name);
  return {};
}

}  // namespace offloader::usage
