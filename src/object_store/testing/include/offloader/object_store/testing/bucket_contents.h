#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace offloader::object_store::testing {

struct StoredObject {
  std::string key;
  std::shared_ptr<const std::string> bytes;
  std::string etag;              // without quotes
  std::uint64_t generation = 0;  // grows with every put
  std::chrono::system_clock::time_point modified;
};

// The contents of a fake store's buckets, in memory. Any thread.
class BucketContents {
 public:
  // Adds or atomically replaces an object. Creates the bucket if needed.
  void put(const std::string& bucket, const std::string& key, std::string bytes);
  // Adds every regular file below a folder, with `prefix` and its relative path as the key.
  void put_folder(const std::string& bucket, const std::string& prefix, const std::string& folder);
  void remove(const std::string& bucket, const std::string& key);

  [[nodiscard]] bool has_bucket(const std::string& bucket) const;
  [[nodiscard]] std::optional<StoredObject> find(const std::string& bucket, const std::string& key) const;
  // Returns at most `most` objects with the prefix and with keys after `after`, in byte order of the keys.
  [[nodiscard]] std::vector<StoredObject> list(const std::string& bucket, const std::string& prefix,
                                               const std::string& after, std::size_t most) const;

 private:
  mutable std::mutex contents_mutex_;
  std::map<std::string, std::map<std::string, StoredObject>> buckets_;
  std::uint64_t generation_ = 1700000000000000;
};

}  // namespace offloader::object_store::testing
