#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"

namespace offloader::telemetry {
class Telemetry;
}

namespace offloader::object_store {

struct UrlPolicy;

// What a listing or a stat says of an object. The tag identifies its bytes (S3 ETag, GCS generation, HTTP
// ETag): the same, byte for byte, from listing and stat; empty where the store has none.
struct ObjectInfo {
  std::string url;  // full, with the raw (unencoded) key
  std::uint64_t size = 0;
  std::string tag;
  SystemTime modified{};
  std::string encoding{};  // the Content-Encoding that it has, as stat() tells it; a listing does not
};

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Reads bytes from stores by URL (object-stores.md): local paths, s3://, gs://, https://, http://. Read-only.
// Blocking, any thread, each call bounded by its deadline and cancellable. Errors: not_found, unauthorized
// (the store refused the credentials), unavailable, timeout, cancelled, changed (the object's tag is another
// than expected), too_large, rejected (not allowed by the call's policy), invalid_config (a URL of no store,
// or settings that contradict each other). No message or detail holds a credential.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  struct Call {
    std::chrono::milliseconds deadline{30000};
    const CancelFlag* cancel = nullptr;
    // Set for URLs that a manifest names (url_policy.h); must outlive the call. A URL that the policy does
    // not allow is `rejected`.
    const UrlPolicy* policy = nullptr;
    // Reads ask for at most so many bytes at once; longer ones become several requests side by side.
    std::uint64_t request_limit = 8ULL << 20;
    // Called whenever bytes of an object arrive, on the transport's thread: it must neither block nor throw.
    const std::function<void()>* came = nullptr;
  };

  [[nodiscard]] virtual Result<ObjectInfo> stat(const std::string& url, const Call& call) = 0;

  // The whole object, at most `limit` bytes.
  [[nodiscard]] virtual Result<std::string> get(const std::string& url, std::uint64_t limit,
                                                const Call& call) = 0;

  // Exactly `range` into `buffer`. With a non-empty `expected_tag` the read is guarded (If-Match,
  // ifGenerationMatch) and another object under the name is `changed`.
  [[nodiscard]] virtual Result<void> read(const std::string& url, ByteRange range, char* buffer,
                                          const std::string& expected_tag, const Call& call) {
    return read_many(url, {{range, buffer}}, expected_tag, call);
  }

  // Several ranges of one object, neighbours merged, fetched in parallel.
  struct RangeRead {
    ByteRange range;
    char* buffer = nullptr;
  };
  [[nodiscard]] virtual Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                                               const std::string& expected_tag, const Call& call) = 0;

  // Every object below `url` (`s3://bucket/prefix`, `gs://…`, a folder), sorted by key; more than
  // `max_objects` is too_large.
  [[nodiscard]] virtual Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                                             const Call& call) = 0;
};

}  // namespace offloader::object_store
