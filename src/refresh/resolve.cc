#include "resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/url.h"
#include "offloader/base/url_text.h"
#include "offloader/catalog/origin.h"
#include "offloader/refresh/databricks_commit.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;
using Kind = Resolved::Kind;

constexpr std::size_t kMaxListed = 200'000;

object_store::ObjectStore::Call call_of(const ResolveInput& input) {
  return {.deadline = std::chrono::seconds(30), .cancel = input.cancel};
}

// The origins that the files of a manifest at `own` may be of.
object_store::UrlPolicy policy_of(const ResolveInput& input, const std::string& own) {
  object_store::UrlPolicy policy{.origins = input.allowed_origins, .listed_origins = input.allowed_origins};
  if (auto origin = object_store::origin_of(own)) policy.origins.push_back(std::move(*origin));
  return policy;
}

manifest::ManifestOrigin manifest_origin(const ResolveInput& input, const catalog::StaticManifest& origin) {
  if (looks_like_url(origin.location)) return {.location = origin.location, .root = {}, .remote = true};
  if (input.base_remote) return {.location = input.base + origin.location, .root = {}, .remote = true};
  const fs::path root(input.base);
  return {.location = (root / origin.location).string(), .root = root, .remote = false};
}

Result<std::string> read_manifest(const ResolveInput& input, const manifest::ManifestOrigin& origin) {
  if (origin.remote) return input.store.get(origin.location, manifest::kMaxManifestBytes, call_of(input));
  return read_file(origin.location, manifest::kMaxManifestBytes);
}

// Parsed JSON takes many times the size of its text: large texts are parsed one at a time in the process, so
// that many of them at once cannot take gigabytes. Parsing takes a time linear in the text, so nobody waits
// long. The mutex guards no data.
std::unique_lock<std::mutex> turn_to_parse(std::size_t bytes) {
  constexpr std::size_t kLarge = 1 << 20;
  static std::mutex large_text_mutex;
  return bytes > kLarge ? std::unique_lock(large_text_mutex) : std::unique_lock<std::mutex>();
}

Resolved failed(Error error) {
  Resolved resolved;
  resolved.kind = Kind::failed;
  resolved.error = std::move(error);
  return resolved;
}

Resolved rejected(std::string tag, catalog::Findings findings) {
  Resolved resolved;
  resolved.kind = Kind::rejected;
  resolved.candidate.tag = std::move(tag);
  resolved.findings = std::move(findings);
  return resolved;
}

Resolved resolve_static(const ResolveInput& input, const catalog::StaticManifest& location) {
  const manifest::ManifestOrigin origin = manifest_origin(input, location);
  auto bytes = read_manifest(input, origin);
  if (!bytes) {
    Error error = bytes.error();
    if (error.code == ErrorCode::too_large) {
      return rejected("too large", {{.file = without_query(location.location),
                                     .line = 0,
                                     .path = "",
                                     .code = "invalid_value",
                                     .message = "the manifest is larger than 16 MiB",
                                     .hint = "split the snapshot into fewer, larger files"}});
    }
    if (error.code == ErrorCode::rejected) {
      return rejected("unreadable: " + error.message, {{.file = without_query(location.location),
                                                        .line = 0,
                                                        .path = "",
                                                        .code = "unsupported_encoding",
                                                        .message = error.message,
                                                        .hint = ""}});
    }
    error.message = fmt::format("the manifest cannot be read: {}", error.message);
    return failed(std::move(error));
  }
  const std::string name = without_query(location.location);
  const std::string tag = to_hex(sha256(*bytes));
  manifest::ParsedManifest parsed = [&] {
    const auto turn = turn_to_parse(bytes->size());
    return manifest::parse_manifest(*bytes, name, input.cancel);
  }();
  if (parsed.cancelled) return failed({ErrorCode::cancelled, "reading the manifest was cancelled", {}});
  if (!parsed.manifest) return rejected(tag, std::move(parsed.findings));

  Resolved resolved;
  resolved.candidate = {.snapshot_id = parsed.manifest->snapshot_id, .tag = tag};
  resolved.findings = std::move(parsed.findings);
  const auto add = [&](catalog::Findings more) {
    resolved.findings.insert(resolved.findings.end(), more.begin(), more.end());
  };
  add(manifest::check_against_contract(*parsed.manifest, input.dataset, name));
  manifest::ResolvedFiles files =
      manifest::resolve_files(*parsed.manifest, origin, input.allowed_origins, name);
  add(std::move(files.findings));
  catalog::sort_findings(resolved.findings);
  resolved.kind = catalog::has_errors(resolved.findings) ? Kind::rejected : Kind::found;
  resolved.manifest = std::move(*parsed.manifest);
  resolved.files = std::move(files.files);
  resolved.policy = policy_of(input, origin.remote ? origin.location : std::string());
  return resolved;
}

std::string databricks_prefix(const catalog::DatabricksSource& source) {
  const std::string bucket = looks_like_url(source.bucket) ? source.bucket : "gs://" + source.bucket;
  return fmt::format("{}{}{}", bucket, bucket.ends_with('/') ? "" : "/", source.prefix);
}

Resolved resolve_databricks(const ResolveInput& input, const catalog::DatabricksSource& source) {
  const std::string prefix = databricks_prefix(source);
  const auto listing = input.store.list(prefix, kMaxListed, call_of(input));
  if (!listing) {
    Error error = listing.error();
    error.message = fmt::format("the export cannot be listed: {}", error.message);
    return failed(std::move(error));
  }
  const catalog::Dataset& dataset = input.dataset;
  std::string empty;  // the newest commit that adds nothing
  bool skipped = false;
  for (const DatabricksCommit& commit : databricks_commits(*listing, prefix)) {
    const std::string id = "tid_" + commit.tid;
    const auto& skips = dataset.skip_snapshots;
    if (std::find(skips.begin(), skips.end(), id) != skips.end()) {
      skipped = true;
      continue;
    }
    if (!dataset.pin_snapshot.empty() && id != dataset.pin_snapshot) continue;
    const std::string name = "_committed_" + commit.tid;
    const auto bytes = input.store.get(commit.object.url, manifest::kMaxManifestBytes, call_of(input));
    if (!bytes) {
      Error error = bytes.error();
      error.message = fmt::format("the export's {} cannot be read: {}", name, error.message);
      return failed(std::move(error));
    }
    const std::string tag = to_hex(sha256(*bytes));
    const auto added = [&] {
      const auto turn = turn_to_parse(bytes->size());
      return parse_databricks_commit(*bytes);
    }();
    if (!added) {
      return rejected(tag, {{.file = name,
                             .line = 0,
                             .path = "added",
                             .code = "invalid_value",
                             .message = added.error().message,
                             .hint = ""}});
    }
    // A transaction that adds nothing (a clean-up, an optimization) is no snapshot: the one before it still
    // is.
    if (added->empty()) {
      if (empty.empty()) empty = id;
      continue;
    }
    Resolved resolved;
    resolved.kind = Kind::found;
    resolved.candidate = {.snapshot_id = id, .tag = tag};
    resolved.policy = policy_of(input, prefix);
    manifest::Manifest& made = resolved.manifest;
    made.dataset_id = dataset.id;
    made.snapshot_id = id;
    made.created_time = made.watermark_time = commit.object.modified;
    made.created_at = made.watermark = to_rfc3339(commit.object.modified);
    made.schema = dataset.schema.items();
    made.producer = "databricks";
    made.upstream_run_id = commit.tid;
    for (const std::string& part : *added) {
      manifest::DataFile file{
          .path = part, .format = manifest::FileFormat::parquet, .row_count = {}, .size_bytes = {}};
      const std::string url = prefix + part;
      for (const auto& object : *listing) {
        if (object.url == url) file.size_bytes = static_cast<std::int64_t>(object.size);
      }
      made.size_bytes += file.size_bytes.value_or(0);
      made.files.push_back(file);
      resolved.files.push_back({.location = url, .remote = true, .declared = file});
    }
    return resolved;
  }
  Resolved none;
  none.kind = Kind::nothing;
  if (dataset.pin_snapshot.empty()) {
    none.reason = skipped          ? "every snapshot of the export is listed in skip_snapshots"
                  : !empty.empty() ? "no commit of the export adds any files"
                                   : "the source has no snapshot yet";
  } else if (empty == dataset.pin_snapshot) {
    none.reason = fmt::format("the pinned snapshot {} adds no files", dataset.pin_snapshot);
  } else {
    none.reason =
        fmt::format("the pinned snapshot {} is not in the export: pin another, or remove pin_snapshot",
                    dataset.pin_snapshot);
  }
  return none;
}

// CSV shrinks to a fraction in DuckDB's format, Parquet does not.
std::uint64_t room_for(manifest::FileFormat format, std::uint64_t bytes) {
  return format == manifest::FileFormat::csv ? bytes / 8 : bytes / 2;
}

std::string local_stamp(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  const auto time = fs::last_write_time(path, error);
  return error ? std::string("gone") : fmt::format("{}@{}", size, time.time_since_epoch().count());
}

// Remote files need no stamp: the executor guards each of their reads by tag.
std::string stamps_of(const std::vector<manifest::ResolvedFile>& files) {
  std::string stamps;
  for (const auto& file : files) {
    if (!file.remote) stamps += local_stamp(file.location) + '\n';
  }
  return stamps;
}

}  // namespace

Resolved resolve(const ResolveInput& input) {
  if (const auto* location = std::get_if<catalog::StaticManifest>(&input.dataset.origin)) {
    return resolve_static(input, *location);
  }
  return resolve_databricks(input, std::get<catalog::DatabricksSource>(input.dataset.origin));
}

Resolved recall(const ResolveInput& input, const SnapshotRecord& record) {
  Resolved resolved;
  resolved.candidate = {.snapshot_id = record.snapshot_id, .tag = {}};
  manifest::Manifest& made = resolved.manifest;
  made.dataset_id = input.dataset.id;
  made.snapshot_id = record.snapshot_id;
  made.schema = record.schema;
  made.files = record.files;
  made.row_count = record.declared_rows;
  if (const auto* location = std::get_if<catalog::StaticManifest>(&input.dataset.origin)) {
    const manifest::ManifestOrigin origin = manifest_origin(input, *location);
    manifest::ResolvedFiles files =
        manifest::resolve_files(made, origin, input.allowed_origins, without_query(location->location));
    resolved.findings = std::move(files.findings);
    resolved.files = std::move(files.files);
    resolved.policy = policy_of(input, origin.remote ? origin.location : std::string());
  } else {
    const std::string prefix = databricks_prefix(std::get<catalog::DatabricksSource>(input.dataset.origin));
    for (const manifest::DataFile& file : made.files)
      resolved.files.push_back({.location = prefix + file.path, .remote = true, .declared = file});
    resolved.policy = policy_of(input, prefix);
  }
  resolved.kind = catalog::has_errors(resolved.findings) ? Kind::rejected : Kind::found;
  return resolved;
}

void check_files(const ResolveInput& input, Resolved& resolved) {
  resolved.stamps = stamps_of(resolved.files);
  const auto* location = std::get_if<catalog::StaticManifest>(&input.dataset.origin);
  const std::string name = location != nullptr ? without_query(location->location) : "_committed";
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
  if (catalog::has_errors(resolved.findings)) resolved.kind = Kind::rejected;
}

std::uint64_t room_needed(const Resolved& resolved) {
  constexpr std::uint64_t kAtLeast = 1ULL << 20;
  std::uint64_t needed = kAtLeast;
  std::uint64_t known = 0;
  std::optional<manifest::FileFormat> unknown;  // the most demanding format of files whose size is not told
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

bool sources_changed(const ResolveInput& input, const Resolved& resolved) {
  if (stamps_of(resolved.files) != resolved.stamps) return true;
  const auto* location = std::get_if<catalog::StaticManifest>(&input.dataset.origin);
  if (location == nullptr) return false;  // commits are immutable
  const auto bytes = read_manifest(input, manifest_origin(input, *location));
  return !bytes || to_hex(sha256(*bytes)) != resolved.candidate.tag;
}

}  // namespace offloader::refresh
