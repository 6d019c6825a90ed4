#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"

namespace offloader::cli {

// A file that appears under its name only once it is whole. Until then it is a temporary file beside it
// (`NAME.RANDOM.part`), which the destructor removes, and so does a SIGINT, SIGTERM, SIGHUP or SIGQUIT that
// ends the process. Only one may exist at a time. create() and the destructor belong to one thread; write()
// may be called from another. All messages are for people and contain no path.
class UnfinishedFile {
 public:
  // Errors: `conflict` if `path` exists and `replace` is false; `invalid_param` if it is anything but a
  // regular file, such as a device or a pipe; `not_found`, `no_space` or `unavailable` from the file system.
  // If `path` is a symbolic link, the file behind it is replaced.
  [[nodiscard]] static Result<std::unique_ptr<UnfinishedFile>> create(const std::filesystem::path& path,
                                                                      bool replace);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  [[nodiscard]] Result<void> write(std::string_view bytes);

  // Syncs the file and gives it its name. Errors: as create() and write(); the file is removed then.
  [[nodiscard]] Result<void> finish();

 private:
  UnfinishedFile(std::filesystem::path path, bool replace) : path_(std::move(path)), replace_(replace) {}
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> rename();

  const std::filesystem::path path_;
  const bool replace_;
  std::string temporary_;  // empty once there is none
  Descriptor folder_;
  Descriptor file_;
};

}  // namespace offloader::cli
