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

// What the buckets of a fake store hold, in memory. Any thread.
class BucketContents {
 public:
  // Puts an object in place of what bears the key, as one step. Makes the bucket.
  void put(const std::string& bucket, const std::string& key, std::string bytes);
  // Every regular file below a folder, under `prefix` + its path within.
  void put_folder(const std::string& bucket, const std::string& prefix, const std::string& folder);
  void remove(const std::string& bucket, const std::string& key);

  [[nodiscard]] bool has_bucket(const std::string& bucket) const;
  [[nodiscard]] std::optional<StoredObject> find(const std::string& bucket, const std::string& key) const;
  // At most `most` objects of the prefix whose keys come after `after`, in the order of keys' bytes.
  [[nodiscard]] std::vector<StoredObject> list(const std::string& bucket, const std::string& prefix,
                                               const std::string& after, std::size_t most) const;

 private:
  mutable std::mutex contents_mutex_;
  std::map<std::string, std::map<std::string, StoredObject>> buckets_;
  std::uint64_t generation_ = 1700000000000000;
};

}  // namespace offloader::object_store::testing
