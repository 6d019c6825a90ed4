#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"

namespace offloader {

// An open folder that belongs to Offloader. Everything below it is reached from the descriptor, one name at a
// time, and no symbolic link below the root is followed: removing a link removes the link itself. Immutable;
// any thread may call it. Errors: `not_found`, `conflict` (a name is taken by something other than a folder,
// such as a link), `no_space`, `corrupt` (read() only), else `unavailable`.
class OwnedFolder {
 public:
  enum class Kind { file, folder, link, other };
  struct Entry {
    std::string name;
    Kind kind;
  };

  // Opens the root. If `path` itself is a link, it is followed, because the operator chose it.
  [[nodiscard]] static Result<OwnedFolder> open(const std::filesystem::path& path);

  // Opens the folder `name`.
  [[nodiscard]] Result<OwnedFolder> open_below(const std::string& name) const;
  // Opens the folder `name`, creating it with mode 0750 if it does not exist. Also fails if it is not
  // writable.
  [[nodiscard]] Result<OwnedFolder> make_below(const std::string& name) const;

  // Returns the entries, sorted by name.
  [[nodiscard]] Result<std::vector<Entry>> entries() const;
  // Reads a regular file of at most `limit` bytes. Fails with `corrupt` if it is larger or not a regular
  // file.
  [[nodiscard]] Result<std::string> read(const std::string& name, std::uint64_t limit) const;

  // Removes a file, a link or an empty folder. Failures are ignored.
  void remove(const std::string& name) const;
  // Removes a file, a link, or a folder and its contents. Failures are ignored.
  void remove_tree(const std::string& name) const;
  // Removes everything in the folder. Failures are ignored.
  void remove_everything() const;

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

 private:
  explicit OwnedFolder(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

}  // namespace offloader
