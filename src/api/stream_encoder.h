#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "offloader/serving/cached_answer.h"

namespace offloader::api {

// Compresses an answer while it is sent. The memory of the library is at most about 4 MiB. One thread.
class StreamEncoder {
 public:
  virtual ~StreamEncoder() = default;

  // Appends what the library gives for the text; it may keep some for later. Errors: `no_memory`, `internal`.
  [[nodiscard]] virtual Result<void> encode(std::string_view text, std::string& out) = 0;
  // Appends the rest, and the end of the stream.
  [[nodiscard]] virtual Result<void> finish(std::string& out) = 0;
};

// Returns an encoder; one that copies for identity. Errors: `no_memory`.
[[nodiscard]] Result<std::unique_ptr<StreamEncoder>> make_stream_encoder(serving::Encoding encoding);

}  // namespace offloader::api
