#include "unfinished_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "removed_on_signal.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> fail_with_errno(const char* action) {
  const int error = errno;
  std::string detail = fmt::format("{}: {}", action, std::strerror(error));
  switch (error) {
    case EEXIST:
      return fail(ErrorCode::conflict, "the file exists", std::move(detail));
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::not_found, "its folder does not exist", std::move(detail));
    case EACCES:
    case EPERM:
      return fail(ErrorCode::unavailable, "you may not write into its folder", std::move(detail));
    case EROFS:
      return fail(ErrorCode::unavailable, "the file system is read-only", std::move(detail));
    case ENOSPC:
    case EDQUOT:
      return fail(ErrorCode::no_space, "the disk is full", std::move(detail));
    case EFBIG:
      return fail(ErrorCode::too_large, "the file would be larger than the file system or a limit allows",
                  std::move(detail));
    default:
      return fail(ErrorCode::unavailable, "the file cannot be written", std::move(detail));
  }
}

}  // namespace

Result<std::unique_ptr<UnfinishedFile>> UnfinishedFile::create(const fs::path& path, bool replace) {
  std::error_code error;
  const fs::file_status there = fs::status(path, error);
  fs::path target = path;
  if (fs::exists(there)) {
    if (!fs::is_regular_file(there))
      return fail(ErrorCode::invalid_param,
                  fs::is_directory(there) ? "it is a folder" : "it is not a regular file");
    if (!replace) return fail(ErrorCode::conflict, "the file exists");
    // Renaming over a symbolic link would replace the link.
    if (fs::path behind = fs::canonical(path, error); !error) target = std::move(behind);
  }
  std::unique_ptr<UnfinishedFile> file(new UnfinishedFile(std::move(target), replace));
  if (auto opened = file->open(); !opened) return fail(std::move(opened.error()));
  return file;
}

UnfinishedFile::~UnfinishedFile() {
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  keep_on_signal();
}

Result<void> UnfinishedFile::open() {
  const fs::path parent = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  // Opened first: once the file has its name, only the disk itself may still fail.
  folder_.reset(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_.valid()) return fail_with_errno("open the folder");
  constexpr std::size_t kRandomBytes = 4;
  std::string temporary = fmt::format("{}.{}.part", path_.string(), random_hex(kRandomBytes));
  // Before the file exists: no signal may leave it behind.
  if (!remove_on_signal(temporary)) return fail(ErrorCode::unavailable, "the path is too long");
  file_.reset(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                     static_cast<mode_t>(FileMode::ordinary)));
  if (!file_.valid()) {
    auto failure = fail_with_errno("create");
    keep_on_signal();
    return failure;
  }
  temporary_ = std::move(temporary);
  return {};
}

Result<void> UnfinishedFile::write(std::string_view bytes) {
  if (!write_all(file_.get(), bytes.data(), bytes.size())) return fail_with_errno("write");
  return {};
}

Result<void> UnfinishedFile::rename() {
  if (replace_) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return fail_with_errno("rename");
    return {};
  }
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return fail_with_errno("rename");
  // Some file systems cannot rename without replacing, and have no hard links either.
  std::error_code error;
  if (fs::exists(path_, error)) return fail(ErrorCode::conflict, "the file exists");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return fail_with_errno("rename");
  return {};
}

Result<void> UnfinishedFile::finish() {
  if (::fsync(file_.get()) != 0) return fail_with_errno("sync");
  if (!file_.close()) return fail_with_errno("close");
  if (auto renamed = rename(); !renamed) return renamed;
  temporary_.clear();
  keep_on_signal();
  if (::fsync(folder_.get()) != 0) return fail_with_errno("sync the folder");
  return {};
}

}  // namespace offloader::cli
