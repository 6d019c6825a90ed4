#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "offloader/base/descriptor.h"
#include "offloader/base/file.h"
#include "sink.h"

namespace offloader::audit {
namespace {

tl::unexpected<Error> failed(const char* what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? ErrorCode::no_space : ErrorCode::unavailable,
              std::string(what) + ": " + std::strerror(error));
}

tl::unexpected<Error> foreign() {
  return fail(ErrorCode::conflict, "the file does not end in a line of an audit log: move it away");
}

// What is at the end of a file.
struct Tail {
  std::optional<Line> last;  // the last whole line
  std::string_view torn{};   // what follows it
  bool ended = true;         // by a line break
};

std::string_view last_line(std::string_view text) {
  return text.substr(text.rfind('\n') + 1);
}

std::optional<Tail> tail_of(std::string_view text) {
  Tail tail;
  const std::size_t end = text.rfind('\n');
  if (end == std::string_view::npos) {
    tail.torn = text;
    tail.ended = text.empty();
    return tail;
  }
  tail.torn = text.substr(end + 1);
  tail.ended = tail.torn.empty();
  const std::string_view before = text.substr(0, end);
  const std::string_view last = last_line(before);
  tail.last = parse_line(last);
  if (tail.last) return tail;
  // A start may have ended a torn line and died before it said so.
  if (!tail.ended) return std::nullopt;
  tail.torn = last;
  if (last.size() == before.size()) return tail;
  tail.last = parse_line(last_line(before.substr(0, before.size() - last.size() - 1)));
  if (!tail.last) return std::nullopt;
  return tail;
}

class FileSink final : public Sink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

  Result<Opening> open(const Sha256& key, Head& head) override {
    auto opened = try_open(key, head);
    if (!opened) close();
    return opened;
  }

  bool is_open() const override { return file_.valid(); }

  Result<void> write(std::string_view text) override {
    if (!write_all(file_.get(), text.data(), text.size())) {
      const int error = errno;
      // If this fails too, the next open() finds what is left.
      [[maybe_unused]] const int cut = ::ftruncate(file_.get(), static_cast<off_t>(size_));
      close();
      return failed("cannot write the file", error);
    }
    size_ += text.size();
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(file_.get()) == 0) return {};
    const int error = errno;
    close();
    return failed("cannot sync the file", error);
  }

  bool intact() const override {
    struct stat now {};
    return ::fstat(file_.get(), &now) == 0 && now.st_nlink > 0 &&
           static_cast<std::uint64_t>(now.st_size) >= size_;
  }

  bool rotated() const override {
    struct stat mine {};
    struct stat named {};
    return ::fstat(file_.get(), &mine) != 0 || ::stat(path_.c_str(), &named) != 0 ||
           mine.st_dev != named.st_dev || mine.st_ino != named.st_ino;
  }

  void close() override { file_.reset(); }

 private:
  Result<Opening> try_open(const Sha256& key, Head& head) {
    // Non-blocking, because opening a FIFO would wait for its reader.
    file_.reset(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                       static_cast<unsigned>(FileMode::cache)));
    if (!file_.valid()) return failed("cannot open the file", errno);
    struct stat found {};
    if (::fstat(file_.get(), &found) != 0) return failed("cannot read the file", errno);
    if (!S_ISREG(found.st_mode)) return fail(ErrorCode::unavailable, "the path does not name a regular file");
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
      return fail(ErrorCode::conflict, "another process writes to the file");
    size_ = static_cast<std::uint64_t>(found.st_size);
    return read_end(key, head);
  }

  Result<Opening> read_end(const Sha256& key, Head& head) {
    constexpr std::uint64_t kMostTail = 3 * kMostLine;  // two lines and a torn one
    std::string text(std::min(size_, kMostTail), '\0');
    const ssize_t got =
        ::pread(file_.get(), text.data(), text.size(), static_cast<off_t>(size_ - text.size()));
    if (got != static_cast<ssize_t>(text.size()))
      return failed("cannot read the file", got < 0 ? errno : EIO);
    const auto tail = tail_of(text);
    if (!tail) return foreign();
    Head last = tail->last ? tail->last->head() : Head{};
    Opening out{.fresh = !tail->last, .torn = std::string(tail->torn), .ended = tail->ended};
    if (!out.torn.empty()) {
      const auto whole = parse_line(out.torn);
      const Head before = tail->last ? last : whole ? start_of(*whole).value_or(Head{}) : Head{};
      if (whole && whole->follows(before, key)) {  // only its line break is missing
        last = whole->head();
        out = {.fresh = false, .torn = {}, .ended = tail->ended};
      } else if (tail->last ? !begins_line(out.torn, last.seq + 1) : !begins_some_line(out.torn)) {
        return foreign();
      }
    }
    if (last.seq > head.seq) head = last;
    return out;
  }

  const std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;  // up to here the file is whole
};

}  // namespace

std::unique_ptr<Sink> make_file_sink(std::string path) {
  return std::make_unique<FileSink>(std::move(path));
}

}  // namespace offloader::audit
