#include "small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace offloader::app {
namespace {

// Moves this process to its own mount namespace. Returns false if it may not.
bool mounts_of_our_own() {
  static const bool ours =
      ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return ours;
}

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::mount_over(const std::filesystem::path& folder, std::uint64_t bytes) {
  std::filesystem::create_directories(folder);
  const std::string options = "size=" + std::to_string(bytes);
  if (!mounts_of_our_own() || ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) != 0)
    return nullptr;
  return std::unique_ptr<SmallDisk>(new SmallDisk(folder));
}

SmallDisk::~SmallDisk() {
  ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::uint64_t left) const {
  const int fd = ::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::vector<char> page(4096, 'x');
  while (std::filesystem::space(folder_).available > left &&
         ::write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size())) {
  }
  ::close(fd);
}

void SmallDisk::free_up() const {
  std::filesystem::remove(folder_ / "filler");
}

std::unique_ptr<ReadOnlyMount> ReadOnlyMount::over(const std::filesystem::path& folder) {
  if (!mounts_of_our_own() || ::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return nullptr;
  std::unique_ptr<ReadOnlyMount> made(new ReadOnlyMount(folder));
  if (::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
    return nullptr;
  return made;
}

ReadOnlyMount::~ReadOnlyMount() {
  ::umount2(folder_.c_str(), MNT_DETACH);
}

}  // namespace offloader::app
