#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"

namespace offloader::object_store {

// An open file on the local disk. It is never read through a symbolic link, and a file that later takes its
// name is not read. Owned by the caller that opened it. Any thread.
class LocalInput {
 public:
  // Opens a file by its resolved path. Errors: not_found, unavailable, and changed if the path contains a
  // symbolic link.
  [[nodiscard]] static Result<std::unique_ptr<const LocalInput>> open(const std::string& path);
  // As above. Also fails with changed if the file's tag differs from that of `object`.
  [[nodiscard]] static Result<std::unique_ptr<const LocalInput>> open(const ObjectInfo& object);

  // Describes the file as it is now. The tag consists of inode, size and modification time. Errors:
  // unavailable.
  [[nodiscard]] Result<ObjectInfo> info() const;

  // Reads exactly `length` bytes at `offset` into `buffer`. Errors: unavailable, and changed if the file has
  // been modified since it was opened.
  [[nodiscard]] Result<void> read(std::uint64_t offset, char* buffer, std::uint64_t length) const;

 private:
  LocalInput(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  [[nodiscard]] Result<void> unchanged() const;

  const std::string path_;
  const Descriptor descriptor_;
  std::string tag_;
};

}  // namespace offloader::object_store
