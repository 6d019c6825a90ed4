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

// What a listing or stat() reports about an object. The tag identifies its bytes (S3 ETag, GCS generation,
// HTTP ETag). A listing and stat() report the same tag; it is empty if the store has none.
struct ObjectInfo {
  std::string url;  // full, with the raw (unencoded) key
  std::uint64_t size = 0;
  std::string tag;
  SystemTime modified{};
  std::string encoding{};  // its Content-Encoding, as reported by stat(); listings leave it empty
};

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Reads objects by URL (object-stores.md): local paths, s3://, gs://, https:// and http://. Read-only.
// Shared; any thread. Calls block, end by their deadline and can be cancelled; local calls check both between
// blocks of 8 MiB and between files. No local file is opened through a symbolic link. Errors: not_found,
// unauthorized (the store refused the credentials), unavailable, timeout, cancelled, changed (the object's
// tag is not the expected one, or a local path contains a symbolic link), too_large, rejected (forbidden by
// the call's policy), invalid_config (not a URL of a store, or contradictory settings). No error contains
// credentials.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  struct Call {
    std::chrono::milliseconds deadline{30000};
    const CancelFlag* cancel = nullptr;
    // Set it for URLs that a manifest names (url_policy.h); a forbidden URL is rejected. Must outlive the
    // call.
    const UrlPolicy* policy = nullptr;
    // No request asks for more bytes than this; longer reads are split into parallel requests.
    std::uint64_t request_limit = 8ULL << 20;
    // Called whenever bytes of a remote object arrive, on the transport's thread. Must not block or throw.
    const std::function<void()>* came = nullptr;
  };

  // Describes the object.
  [[nodiscard]] virtual Result<ObjectInfo> stat(const std::string& url, const Call& call) = 0;

  // Returns the whole object. Errors: too_large if it has more than `limit` bytes.
  [[nodiscard]] virtual Result<std::string> get(const std::string& url, std::uint64_t limit,
                                                const Call& call) = 0;

  // Reads exactly `range` into `buffer`. With an `expected_tag` the read is conditional (If-Match,
  // ifGenerationMatch) and fails with changed if the object has been replaced.
  [[nodiscard]] virtual Result<void> read(const std::string& url, ByteRange range, char* buffer,
                                          const std::string& expected_tag, const Call& call) {
    return read_many(url, {{range, buffer}}, expected_tag, call);
  }

  // Reads several ranges of one object. Close ranges are merged into one request; requests run in parallel.
  struct RangeRead {
    ByteRange range;
    char* buffer = nullptr;
  };
  [[nodiscard]] virtual Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                                               const std::string& expected_tag, const Call& call) = 0;

  // Lists every object below `url` (`s3://bucket/prefix`, `gs://bucket/prefix`, a folder), sorted by key.
  // Errors: too_large if there are more than `max_objects`.
  [[nodiscard]] virtual Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                                             const Call& call) = 0;
};

}  // namespace offloader::object_store
