#include "offloader/object_store/testing/bucket_contents.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "offloader/base/crypto.h"

namespace offloader::object_store::testing {

void BucketContents::put(const std::string& bucket, const std::string& key, std::string bytes) {
  StoredObject object;
  object.key = key;
  object.etag = to_hex(sha256(bytes)).substr(0, 32);
  object.bytes = std::make_shared<const std::string>(std::move(bytes));
  object.modified = std::chrono::system_clock::now();
  const std::lock_guard lock(contents_mutex_);
  object.generation = ++generation_;
  buckets_[bucket][key] = std::move(object);
}

void BucketContents::put_folder(const std::string& bucket, const std::string& prefix,
                                const std::string& folder) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    put(bucket, prefix + fs::relative(entry.path(), folder).string(),
        std::string(std::istreambuf_iterator<char>(file), {}));
  }
}

void BucketContents::remove(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(contents_mutex_);
  const auto found = buckets_.find(bucket);
  if (found != buckets_.end()) found->second.erase(key);
}

bool BucketContents::has_bucket(const std::string& bucket) const {
  const std::lock_guard lock(contents_mutex_);
  return buckets_.count(bucket) > 0;
}

std::optional<StoredObject> BucketContents::find(const std::string& bucket, const std::string& key) const {
  const std::lock_guard lock(contents_mutex_);
  const auto in = buckets_.find(bucket);
  if (in == buckets_.end()) return std::nullopt;
  const auto found = in->second.find(key);
  return found == in->second.end() ? std::nullopt : std::optional(found->second);
}

std::vector<StoredObject> BucketContents::list(const std::string& bucket, const std::string& prefix,
                                               const std::string& after, std::size_t most) const {
  const std::lock_guard lock(contents_mutex_);
  std::vector<StoredObject> out;
  const auto in = buckets_.find(bucket);
  if (in == buckets_.end()) return out;
  const auto& objects = in->second;
  for (auto at = after.empty() ? objects.lower_bound(prefix) : objects.upper_bound(after);
       at != objects.end() && out.size() < most; ++at) {
    if (!at->first.starts_with(prefix)) break;
    out.push_back(at->second);
  }
  return out;
}

}  // namespace offloader::object_store::testing
