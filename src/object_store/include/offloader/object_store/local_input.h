#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"

namespace offloader::object_store {

// A file on local disk that stays open: a link, or another file, that is put under its name is not read. Any
// thread; owned by whoever opened it.
class LocalInput {
 public:
  // The file at a path that was resolved before. `changed` where a symbolic link stands in the way.
  [[nodiscard]] static Result<std::unique_ptr<const LocalInput>> open(const std::string& path);
  // The same; also `changed` when the file is not the one that stat() described.
  [[nodiscard]] static Result<std::unique_ptr<const LocalInput>> open(const ObjectInfo& object);

  // As the file is now: its tag is made of inode, size and modification time.
  [[nodiscard]] Result<ObjectInfo> info() const;

  // Exactly `length` bytes. `changed` when the file no longer is what it was when it was opened.
  [[nodiscard]] Result<void> read(std::uint64_t offset, char* buffer, std::uint64_t length) const;

 private:
  LocalInput(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  [[nodiscard]] Result<void> unchanged() const;

  const std::string path_;
  const Descriptor descriptor_;
  std::string tag_;
};

}  // namespace offloader::object_store
