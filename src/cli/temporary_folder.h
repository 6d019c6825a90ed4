#pragma once

#include <filesystem>

namespace offloader::cli {

// A unique folder that only its user can read, removed with its contents by the destructor. The constructor
// throws filesystem_error if it cannot be created.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace offloader::cli
