#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/transport/testing/result_matchers.h"

namespace offloader::object_store {

// Returns pseudo-random bytes that depend on `seed`.
inline std::string some_bytes(std::size_t count, std::uint64_t seed) {
  std::string out(count, '\0');
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  for (char& c : out) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

inline std::function<std::optional<std::string>(const std::string&)> environment_of(
    std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

// Options with short pauses between retries, and without access to this machine's metadata server and gcloud.
inline StoreOptions test_options() {
  StoreOptions out;
  out.retry.first_pause = std::chrono::milliseconds(2);
  out.retry.longest_pause = std::chrono::milliseconds(20);
  out.gcs.gcloud_command = "";
  out.environment =
      environment_of({{"AWS_EC2_METADATA_DISABLED", "true"}, {"GCE_METADATA_HOST", "127.0.0.1:1"}});
  return out;
}

using transport::testing::FailsWith;
using transport::testing::Succeeds;
using transport::testing::told;

}  // namespace offloader::object_store
