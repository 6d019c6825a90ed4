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

// An open folder that belongs to this program. Everything is reached from the descriptor, name by name, and no
// symbolic link is followed below the root: removing a link removes the link. Immutable; any thread.
class OwnedFolder {
 public:
  enum class Kind { file, folder, link, other };
  struct Entry {
    std::string name;
    Kind kind;
  };

  // The root. A link in `path` itself is the operator's choice, and followed.
  [[nodiscard]] static Result<OwnedFolder> open(const std::filesystem::path& path);

  // `not_found`, or `conflict` when something else, such as a link, has the name.
  [[nodiscard]] Result<OwnedFolder> open_below(const std::string& name) const;
  // The same, made (0750) where there is none. Also fails when the folder cannot be written.
  [[nodiscard]] Result<OwnedFolder> make_below(const std::string& name) const;

  // Sorted by name.
  [[nodiscard]] Result<std::vector<Entry>> entries() const;
  // A regular file of at most `limit` bytes.
  [[nodiscard]] Result<std::string> read(const std::string& name, std::uint64_t limit) const;

  // A file, a link, or an empty folder; nothing happens where there is none.
  void remove(const std::string& name) const;
  // A file, a link, or a folder with everything in it.
  void remove_tree(const std::string& name) const;
  void remove_everything() const;

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

 private:
  explicit OwnedFolder(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

}  // namespace offloader
