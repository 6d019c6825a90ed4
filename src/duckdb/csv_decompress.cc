#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "csv_input.h"

namespace offloader::duckdb {
namespace {

constexpr std::size_t kPiece = 256 * 1024;  // compressed bytes

// The compressed bytes read but not yet decompressed.
class Pieces {
 public:
  explicit Pieces(std::unique_ptr<ByteInput> input) : input_(std::move(input)), bytes_(kPiece) {}

  // Reads more if none are left; returns false at the end.
  Result<bool> fill() {
    if (at_ < end_) return true;
    auto got = input_->read(bytes_.data(), bytes_.size());
    if (!got) return fail(std::move(got.error()));
    at_ = 0;
    end_ = static_cast<std::size_t>(*got);
    return end_ > 0;
  }
  void rewind() {
    input_->rewind();
    at_ = end_ = 0;
  }
  [[nodiscard]] char* data() { return bytes_.data() + at_; }
  [[nodiscard]] std::size_t size() const { return end_ - at_; }
  void take(std::size_t count) { at_ += count; }
  [[nodiscard]] ByteInput& input() const { return *input_; }

 private:
  const std::unique_ptr<ByteInput> input_;
  std::vector<char> bytes_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

tl::unexpected<Error> damaged(const char* kind, bool begun) {
  return fail(ErrorCode::rejected,
              begun ? std::string("The file's ") + kind + " data is damaged or truncated."
                    : std::string("The file is not ") + kind + ", although its name says so.",
              begun ? "Export the file again." : "Compress the file, or rename it to end in .csv.");
}

class GzipInput final : public ByteInput {
 public:
  explicit GzipInput(std::unique_ptr<ByteInput> input) : pieces_(std::move(input)) {
    good_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipInput() override { inflateEnd(&stream_); }

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    if (!good_) return fail(ErrorCode::internal, "The engine failed.", "zlib cannot be initialized");
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(std::min<std::uint64_t>(length, 1U << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      auto more = pieces_.fill();
      if (!more) return fail(std::move(more.error()));
      if (!*more) {
        if (!between_) return damaged("gzip", begun_);
        if (!begun_) return damaged("gzip", false);
        return 0;
      }
      if (between_) {
        // A gzip file may consist of several members. Zero bytes after a member are padding.
        if (begun_ && pieces_.data()[0] == '\0') {
          pieces_.take(1);
          continue;
        }
        inflateReset(&stream_);
        between_ = false;
      }
      stream_.next_in = reinterpret_cast<Bytef*>(pieces_.data());
      stream_.avail_in = static_cast<uInt>(pieces_.size());
      const int state = inflate(&stream_, Z_NO_FLUSH);
      pieces_.take(pieces_.size() - stream_.avail_in);
      if (state == Z_STREAM_END) {
        between_ = begun_ = true;
      } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return damaged("gzip", begun_ || stream_.total_out > 0);
      } else if (stream_.total_out > 0) {
        begun_ = true;
      }
    }
    return room - stream_.avail_out;
  }
  void rewind() override {
    pieces_.rewind();
    inflateReset(&stream_);
    between_ = true;
    begun_ = false;
  }
  std::uint64_t size() const override { return pieces_.input().size(); }
  std::uint64_t consumed() const override { return pieces_.input().consumed(); }

 private:
  Pieces pieces_;
  z_stream stream_{};
  bool good_ = false;
  bool between_ = true;  // between two members, or before the first
  bool begun_ = false;   // something has been decompressed
};

class ZstdInput final : public ByteInput {
 public:
  explicit ZstdInput(std::unique_ptr<ByteInput> input)
      : pieces_(std::move(input)), stream_(ZSTD_createDCtx()) {
    // The decompressor keeps a window of its output, at most 128 MiB, the limit of zstd's own tool.
    if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 27);
  }

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    if (!stream_) return fail(ErrorCode::internal, "The engine failed.", "zstd cannot be initialized");
    ZSTD_outBuffer out{buffer, static_cast<std::size_t>(length), 0};
    while (out.pos == 0) {
      auto more = pieces_.fill();
      if (!more) return fail(std::move(more.error()));
      // Output that is still in the decompressor needs no more input.
      ZSTD_inBuffer in{pieces_.data(), *more ? pieces_.size() : 0, 0};
      const std::size_t state = ZSTD_decompressStream(stream_.get(), &out, &in);
      pieces_.take(in.pos);
      if (ZSTD_isError(state) != 0) return damaged("zstd", begun_);
      begun_ = begun_ || out.pos > 0 || state == 0;
      if (*more) {
        whole_ = state == 0;
      } else if (out.pos == 0) {
        if (!whole_ || !begun_) return damaged("zstd", begun_);
        return 0;
      }
    }
    return out.pos;
  }
  void rewind() override {
    pieces_.rewind();
    ZSTD_DCtx_reset(stream_.get(), ZSTD_reset_session_only);
    whole_ = begun_ = false;
  }
  std::uint64_t size() const override { return pieces_.input().size(); }
  std::uint64_t consumed() const override { return pieces_.input().consumed(); }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  Pieces pieces_;
  const std::unique_ptr<ZSTD_DCtx, Free> stream_;
  bool whole_ = false;  // the last frame is complete
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<ByteInput> decompressed(std::unique_ptr<ByteInput> input, Compression compression) {
  switch (compression) {
    case Compression::none:
      return input;
    case Compression::gzip:
      return std::make_unique<GzipInput>(std::move(input));
    case Compression::zstd:
      return std::make_unique<ZstdInput>(std::move(input));
  }
  return input;
}

}  // namespace offloader::duckdb
