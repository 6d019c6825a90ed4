#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace offloader::app {

// A file system in memory of its own over a folder, which can be full; it goes with this object, and with the
// process, whatever becomes of that. Needs the right to mount (root).
class SmallDisk {
 public:
  // Null where this process may not mount.
  [[nodiscard]] static std::unique_ptr<SmallDisk> mount_over(const std::filesystem::path& folder,
                                                             std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Fills it but for `left` bytes; free_up() takes that back.
  void fill(std::uint64_t left) const;
  void free_up() const;

 private:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

// A mount over a folder that shows the same files and takes no changes. Files that are open already stay
// writable, as they do when a disk is remounted after an error.
class ReadOnlyMount {
 public:
  [[nodiscard]] static std::unique_ptr<ReadOnlyMount> over(const std::filesystem::path& folder);
  ~ReadOnlyMount();
  ReadOnlyMount(const ReadOnlyMount&) = delete;
  ReadOnlyMount& operator=(const ReadOnlyMount&) = delete;

 private:
  explicit ReadOnlyMount(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace offloader::app
