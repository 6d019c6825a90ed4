#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace offloader::app {

// A small in-memory file system, mounted over a folder, that can fill up. It is unmounted with this object,
// or when the process ends. Needs the right to mount (root).
class SmallDisk {
 public:
  // Returns null if this process may not mount.
  [[nodiscard]] static std::unique_ptr<SmallDisk> mount_over(const std::filesystem::path& folder,
                                                             std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Fills it up to `left` free bytes; free_up() undoes that.
  void fill(std::uint64_t left) const;
  void free_up() const;

 private:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

// Mounts a folder over itself, read-only. Files that are already open stay writable, as when a disk is
// remounted after an error.
class ReadOnlyMount {
 public:
  // Returns null if this process may not mount.
  [[nodiscard]] static std::unique_ptr<ReadOnlyMount> over(const std::filesystem::path& folder);
  ~ReadOnlyMount();
  ReadOnlyMount(const ReadOnlyMount&) = delete;
  ReadOnlyMount& operator=(const ReadOnlyMount&) = delete;

 private:
  explicit ReadOnlyMount(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace offloader::app
