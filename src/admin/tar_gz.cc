#include "tar_gz.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace offloader::admin {
namespace {

la_ssize_t append_bytes(struct archive*, void* to, const void* bytes, std::size_t count) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

}  // namespace

Result<std::string> tar_gz(const std::map<std::string, std::string>& files) {
  std::string out;
  const std::unique_ptr<struct archive, decltype(&archive_write_free)> archive(archive_write_new(),
                                                                               archive_write_free);
  const auto failed = [&] {
    const char* text = archive_error_string(archive.get());
    return fail(ErrorCode::internal, "the archive cannot be written", text == nullptr ? "" : text);
  };
  if (archive_write_set_format_pax_restricted(archive.get()) != ARCHIVE_OK ||
      archive_write_add_filter_gzip(archive.get()) != ARCHIVE_OK ||
      archive_write_set_options(archive.get(), "gzip:!timestamp,gzip:compression-level=9") != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(archive.get(), 1) != ARCHIVE_OK ||
      archive_write_open(archive.get(), &out, nullptr, append_bytes, nullptr) != ARCHIVE_OK) {
    return failed();
  }
  for (const auto& [path, bytes] : files) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname_utf8(entry.get(), path.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    if (archive_write_header(archive.get(), entry.get()) != ARCHIVE_OK) return failed();
    if (archive_write_data(archive.get(), bytes.data(), bytes.size()) !=
        static_cast<la_ssize_t>(bytes.size())) {
      return failed();
    }
  }
  if (archive_write_close(archive.get()) != ARCHIVE_OK) return failed();
  return out;
}

}  // namespace offloader::admin
