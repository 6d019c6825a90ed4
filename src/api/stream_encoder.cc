#include "stream_encoder.h"

#include <zlib.h>
#include <zstd.h>

#include <limits>

#include "compression.h"
#include "offloader/base/resize.h"

namespace offloader::api {
namespace {

using serving::Encoding;

constexpr std::size_t kStep = 64U << 10;

class Identity final : public StreamEncoder {
 public:
  Result<void> encode(std::string_view text, std::string& out) override {
    out.append(text);
    return {};
  }
  Result<void> finish(std::string&) override { return {}; }
};

class Gzip final : public StreamEncoder {
 public:
  Gzip() {
    constexpr int kWindowAndHeader = 15 + 16;
    ready_ = deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kWindowAndHeader, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() override {
    if (ready_) deflateEnd(&stream_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  Result<void> encode(std::string_view text, std::string& out) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    while (!text.empty()) {
      const std::string_view part = text.substr(0, kMost);
      if (auto done = run(part, Z_NO_FLUSH, out); !done) return done;
      text.remove_prefix(part.size());
    }
    return {};
  }
  Result<void> finish(std::string& out) override { return run({}, Z_FINISH, out); }

 private:
  Result<void> run(std::string_view text, int flush, std::string& out) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      const std::size_t used = out.size();
      resize_untouched(out, used + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      stream_.avail_out = static_cast<uInt>(kStep);
      const int outcome = deflate(&stream_, flush);
      out.resize(used + kStep - stream_.avail_out);
      if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR)
        return fail(ErrorCode::internal, "internal error", "deflate failed");
    } while (stream_.avail_out == 0);
    return {};
  }

  z_stream stream_{};
  bool ready_ = false;
};

class Zstd final : public StreamEncoder {
 public:
  Zstd() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    if (context_ && ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel)))
      context_.reset();
  }

  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  Result<void> encode(std::string_view text, std::string& out) override {
    return run(text, ZSTD_e_continue, out);
  }
  Result<void> finish(std::string& out) override { return run({}, ZSTD_e_end, out); }

 private:
  Result<void> run(std::string_view text, ZSTD_EndDirective directive, std::string& out) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    std::size_t left = 0;
    do {
      const std::size_t used = out.size();
      resize_untouched(out, used + kStep);
      ZSTD_outBuffer to{out.data() + used, kStep, 0};
      left = ZSTD_compressStream2(context_.get(), &to, &in, directive);
      out.resize(used + to.pos);
      if (ZSTD_isError(left)) return fail(ErrorCode::internal, "internal error", ZSTD_getErrorName(left));
    } while (in.pos < in.size || (directive == ZSTD_e_end && left > 0));
    return {};
  }

  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
};

template <typename Encoder>
Result<std::unique_ptr<StreamEncoder>> make() {
  auto encoder = std::make_unique<Encoder>();
  if (!encoder->ready()) return fail(ErrorCode::no_memory, {});
  return encoder;
}

}  // namespace

Result<std::unique_ptr<StreamEncoder>> make_stream_encoder(Encoding encoding) {
  switch (encoding) {
    case Encoding::gzip:
      return make<Gzip>();
    case Encoding::zstd:
      return make<Zstd>();
    case Encoding::identity:
      break;
  }
  return std::make_unique<Identity>();
}

}  // namespace offloader::api
