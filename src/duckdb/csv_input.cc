#include "csv_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "offloader/base/descriptor.h"
#include "offloader/object_store/local_input.h"

namespace offloader::duckdb {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class LocalInput final : public ByteInput {
 public:
  LocalInput(Descriptor fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    while (true) {
      const auto got = ::pread(fd_.get(), buffer, length, static_cast<off_t>(position_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(ErrorCode::unavailable, "A data file cannot be read.", std::strerror(errno));
      position_ += static_cast<std::uint64_t>(got);
      return static_cast<std::uint64_t>(got);
    }
  }
  void rewind() override { position_ = 0; }
  std::uint64_t size() const override { return size_; }
  std::uint64_t consumed() const override { return position_; }
  bool seekable() const override { return true; }
  void seek(std::uint64_t position) override { position_ = position; }

 private:
  const Descriptor fd_;
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
};

class PinnedLocalInput final : public ByteInput {
 public:
  PinnedLocalInput(std::unique_ptr<const object_store::LocalInput> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    length = std::min(length, size_ - std::min(size_, position_));
    if (length == 0) return length;
    if (auto done = file_->read(position_, buffer, length); !done) return fail(std::move(done.error()));
    position_ += length;
    return length;
  }
  void rewind() override { position_ = 0; }
  std::uint64_t size() const override { return size_; }
  std::uint64_t consumed() const override { return position_; }
  bool seekable() const override { return true; }
  void seek(std::uint64_t position) override { position_ = position; }

 private:
  const std::unique_ptr<const object_store::LocalInput> file_;
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
};

class PinnedInput final : public ByteInput {
 public:
  PinnedInput(const PinnedFiles& files, const PinnedFile& file, ReadAhead::Watch watch)
      : size_(file.object.size), ahead_(files, file, std::move(watch)) {}

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    return ahead_.read(buffer, length);
  }
  void rewind() override { ahead_.seek(0); }
  std::uint64_t size() const override { return size_; }
  std::uint64_t consumed() const override { return ahead_.position(); }
  bool seekable() const override { return true; }
  void seek(std::uint64_t position) override { ahead_.seek(position); }

 private:
  const std::uint64_t size_;
  ReadAhead ahead_;
};

// Tracks quotes as CsvGuard does, and removes each CR before an LF outside of quotes.
class EvenLines final : public ByteInput {
 public:
  EvenLines(std::unique_ptr<ByteInput> input, const manifest::CsvDialect& dialect)
      : input_(std::move(input)),
        delimiter_(dialect.delimiter),
        quote_(dialect.quote),
        escape_(dialect.escape) {}

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    while (true) {
      // Leaves one byte of room for a CR that was held back.
      const auto got = input_->read(buffer + 1, length - 1);
      if (!got) return got;
      if (*got == 0) {
        if (!held_) return 0;
        held_ = false;
        buffer[0] = '\r';
        return 1;
      }
      char* out = buffer;
      for (const char *at = buffer + 1, *end = at + *got; at < end; ++at) {
        const char c = *at;
        if (held_) {
          held_ = false;
          if (c != '\n') *out++ = '\r';
        }
        if (c == '\r' && state_ != State::quoted && state_ != State::escaped) {
          held_ = true;
          state_ = State::field_start;
          mark_ = kByteOrderMark.size();
          continue;
        }
        follow_quotes(c);
        *out++ = c;
      }
      if (out > buffer) return static_cast<std::uint64_t>(out - buffer);
    }
  }
  void rewind() override {
    input_->rewind();
    held_ = false;
    state_ = State::field_start;
    mark_ = 0;
  }
  std::uint64_t size() const override { return input_->size(); }
  std::uint64_t consumed() const override { return input_->consumed(); }

 private:
  enum class State : std::uint8_t { field_start, plain, quoted, escaped, after_quote };

  void follow_quotes(char c) {
    if (mark_ < kByteOrderMark.size()) {
      if (c == kByteOrderMark[mark_]) {
        ++mark_;
        return;
      }
      mark_ = kByteOrderMark.size();
    }
    switch (state_) {
      case State::quoted:
        if (escape_ != quote_ && c == escape_) {
          state_ = State::escaped;
        } else if (c == quote_) {
          state_ = State::after_quote;
        }
        return;
      case State::escaped:
        state_ = State::quoted;
        return;
      case State::after_quote:
        if (c == quote_ && escape_ == quote_) {
          state_ = State::quoted;
          return;
        }
        break;
      case State::field_start:
        // Inside an unquoted field a quote is text. Only the first byte that is not a space can open quotes.
        if (quote_ != '\0' && c == quote_) {
          state_ = State::quoted;
          return;
        }
        if (c == ' ') return;
        break;
      case State::plain:
        break;
    }
    state_ = c == delimiter_ || c == '\n' ? State::field_start : State::plain;
  }

  const std::unique_ptr<ByteInput> input_;
  const char delimiter_;
  const char quote_;
  const char escape_;
  bool held_ = false;
  State state_ = State::field_start;
  std::size_t mark_ = 0;  // bytes of the byte order mark matched; all of them once it cannot follow
};

}  // namespace

Compression compression_of(std::string_view name) {
  if (name.ends_with(".gz")) return Compression::gzip;
  if (name.ends_with(".zst")) return Compression::zstd;
  return Compression::none;
}

Result<std::unique_ptr<ByteInput>> open_local_input(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail(ErrorCode::unavailable, "A data file cannot be read.", std::strerror(errno));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::unavailable, "A data file cannot be read.", "not a regular file");
  }
  return std::make_unique<LocalInput>(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

Result<std::unique_ptr<ByteInput>> open_local_input(const object_store::ObjectInfo& object) {
  auto file = object_store::LocalInput::open(object);
  if (!file) return fail(std::move(file.error()));
  return std::make_unique<PinnedLocalInput>(std::move(*file), object.size);
}

std::unique_ptr<ByteInput> open_pinned_input(const PinnedFiles& files, const PinnedFile& file,
                                             ReadAhead::Watch watch) {
  return std::make_unique<PinnedInput>(files, file, std::move(watch));
}

std::unique_ptr<ByteInput> with_even_lines(std::unique_ptr<ByteInput> input,
                                           const manifest::CsvDialect& dialect) {
  return std::make_unique<EvenLines>(std::move(input), dialect);
}

}  // namespace offloader::duckdb
