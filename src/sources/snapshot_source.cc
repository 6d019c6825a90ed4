#include "offloader/sources/snapshot_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "reading.h"

// The parts that all sources share: checks of the files on disk.
namespace offloader::sources {
namespace {

namespace fs = std::filesystem;

// An estimate of the bytes a file takes once loaded. CSV shrinks to a small fraction in DuckDB's format;
// Parquet is compressed already and shrinks less.
std::uint64_t room_for(manifest::FileFormat format, std::uint64_t bytes) {
  return format == manifest::FileFormat::csv ? bytes / 8 : bytes / 2;
}

std::string local_stamp(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  const auto time = fs::last_write_time(path, error);
  return error ? std::string("gone") : fmt::format("{}@{}", size, time.time_since_epoch().count());
}

// Remote files need no stamp: the executor checks the object's tag at every read.
std::string stamps_of(const std::vector<manifest::ResolvedFile>& files) {
  std::string stamps;
  for (const auto& file : files) {
    if (!file.remote) stamps += local_stamp(file.location) + '\n';
  }
  return stamps;
}

}  // namespace

std::unique_ptr<SnapshotSource> make_source(const catalog::Dataset& dataset, SourceContext context) {
  if (std::holds_alternative<catalog::StaticManifest>(dataset.origin))
    return make_static_manifest(dataset, std::move(context));
  return make_databricks_commits(dataset, std::move(context));
}

void SnapshotSource::check_files(Resolved& resolved) const {
  resolved.stamps = stamps_of(resolved.files);
  const std::string name = manifest_name();
  catalog::FindingList findings;
  for (catalog::Finding& finding : resolved.findings) findings.add(std::move(finding));
  for (std::size_t i = 0; i < resolved.files.size(); ++i) {
    const manifest::ResolvedFile& file = resolved.files[i];
    if (file.remote) continue;
    std::error_code error;
    const auto size = fs::file_size(file.location, error);
    if (error) {
      findings.add(
          {.file = name,
           .line = 0,
           .path = fmt::format("files[{}].path", i),
           .code = "missing_file",
           .message = fmt::format("the file {} does not exist or cannot be read", file.declared.path),
           .hint = "write every file first, and the manifest last"});
    } else if (file.declared.size_bytes && static_cast<std::int64_t>(size) != *file.declared.size_bytes) {
      findings.add({.file = name,
                    .line = 0,
                    .path = fmt::format("files[{}].size_bytes", i),
                    .code = "size_mismatch",
                    .message = fmt::format("the file {} has {} bytes, the manifest says {}",
                                           file.declared.path, size, *file.declared.size_bytes),
                    .hint = "write every file first, and the manifest last"});
    }
  }
  resolved.findings = findings.take();
  if (catalog::has_errors(resolved.findings)) resolved.kind = Resolved::Kind::rejected;
}

bool SnapshotSource::changed(const Resolved& resolved, const CancelFlag* cancel) const {
  return stamps_of(resolved.files) != resolved.stamps || manifest_changed(resolved, cancel);
}

std::uint64_t room_needed(const Resolved& resolved) {
  constexpr std::uint64_t kAtLeast = 1ULL << 20;
  std::uint64_t needed = kAtLeast;
  std::uint64_t known = 0;
  std::optional<manifest::FileFormat> unknown;  // of files without a size: Parquet if any is, the larger
  for (const auto& file : resolved.files) {
    std::optional<std::uint64_t> bytes;
    if (file.declared.size_bytes) {
      bytes = static_cast<std::uint64_t>(*file.declared.size_bytes);
    } else if (!file.remote) {
      std::error_code error;
      const auto size = fs::file_size(file.location, error);
      if (!error) bytes = size;
    }
    if (bytes) {
      known += *bytes;
      needed += room_for(file.declared.format, *bytes);
    } else if (!unknown || file.declared.format == manifest::FileFormat::parquet) {
      unknown = file.declared.format;
    }
  }
  const auto total = static_cast<std::uint64_t>(std::max<std::int64_t>(resolved.manifest.size_bytes, 0));
  if (unknown && total > known) needed += room_for(*unknown, total - known);
  return needed;
}

}  // namespace offloader::sources
