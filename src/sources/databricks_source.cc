#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "databricks_commit.h"
#include "offloader/base/crypto.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/url.h"
#include "reading.h"

// Reads snapshots from the commits of a Databricks export (object-stores.md, last section).
namespace offloader::sources {
namespace {

constexpr std::size_t kMaxListed = 200'000;
constexpr int kDefaultIntervalSeconds = 300;

std::string prefix_of(const catalog::DatabricksSource& source) {
  const std::string bucket = looks_like_url(source.bucket) ? source.bucket : "gs://" + source.bucket;
  return fmt::format("{}{}{}", bucket, bucket.ends_with('/') ? "" : "/", source.prefix);
}

class DatabricksCommits final : public SnapshotSource {
 public:
  DatabricksCommits(const catalog::Dataset& dataset, SourceContext context)
      : dataset_(dataset),
        source_(std::get<catalog::DatabricksSource>(dataset.origin)),
        context_(std::move(context)),
        prefix_(prefix_of(source_)) {}

  std::string_view kind() const override { return "databricks"; }

  std::string origin() const override { return object_store::origin_of(prefix_).value_or(prefix_); }

  std::optional<std::chrono::seconds> interval() const override {
    return std::chrono::seconds(source_.interval_seconds.value_or(kDefaultIntervalSeconds));
  }

  Resolved resolve(const CancelFlag* cancel) const override {
    const auto listing = context_.store.list(prefix_, kMaxListed, call_of(cancel));
    if (!listing) {
      Error error = listing.error();
      error.message = fmt::format("the export cannot be listed: {}", error.message);
      return failed(std::move(error));
    }
    std::string empty;  // id of the newest commit that adds no files
    bool skipped = false;
    for (const DatabricksCommit& commit : databricks_commits(*listing, prefix_)) {
      const std::string id = "tid_" + commit.tid;
      const auto& skips = dataset_.skip_snapshots;
      if (std::find(skips.begin(), skips.end(), id) != skips.end()) {
        skipped = true;
        continue;
      }
      if (!dataset_.pin_snapshot.empty() && id != dataset_.pin_snapshot) continue;
      const std::string name = "_committed_" + commit.tid;
      const auto bytes = context_.store.get(commit.object.url, manifest::kMaxManifestBytes, call_of(cancel));
      if (!bytes) {
        Error error = bytes.error();
        error.message = fmt::format("{} of the export cannot be read: {}", name, error.message);
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
      // A transaction that adds no files (a clean-up or an optimization) does not replace the snapshot before
      // it.
      if (added->empty()) {
        if (empty.empty()) empty = id;
        continue;
      }
      return found({.snapshot_id = id, .tag = tag}, commit, *added, *listing);
    }
    return nothing(empty, skipped);
  }

  Resolved recall(const KeptSnapshot& kept) const override {
    Resolved resolved;
    resolved.kind = Resolved::Kind::found;
    resolved.candidate = {.snapshot_id = kept.snapshot_id, .tag = {}};
    manifest::Manifest& made = resolved.manifest;
    made.dataset_id = dataset_.id;
    made.snapshot_id = kept.snapshot_id;
    made.schema = kept.schema;
    made.files = kept.files;
    made.row_count = kept.declared_rows;
    for (const manifest::DataFile& file : made.files)
      resolved.files.push_back({.location = prefix_ + file.path, .remote = true, .declared = file});
    resolved.policy = policy_of(context_, prefix_);
    return resolved;
  }

 private:
  std::string manifest_name() const override { return "_committed"; }
  // A commit never changes once written.
  bool manifest_changed(const Resolved&, const CancelFlag*) const override { return false; }

  Resolved found(Candidate candidate, const DatabricksCommit& commit, const std::vector<std::string>& added,
                 const std::vector<object_store::ObjectInfo>& listing) const {
    Resolved resolved;
    resolved.kind = Resolved::Kind::found;
    resolved.policy = policy_of(context_, prefix_);
    manifest::Manifest& made = resolved.manifest;
    made.dataset_id = dataset_.id;
    made.snapshot_id = candidate.snapshot_id;
    resolved.candidate = std::move(candidate);
    made.created_time = made.watermark_time = commit.object.modified;
    made.created_at = made.watermark = to_rfc3339(commit.object.modified);
    made.schema = dataset_.schema.items();
    made.producer = "databricks";
    made.upstream_run_id = commit.tid;
    std::unordered_map<std::string_view, std::uint64_t> sizes;
    for (const auto& object : listing) sizes.emplace(object.url, object.size);
    for (const std::string& part : added) {
      manifest::DataFile file{
          .path = part, .format = manifest::FileFormat::parquet, .row_count = {}, .size_bytes = {}};
      const std::string url = prefix_ + part;
      if (const auto size = sizes.find(url); size != sizes.end())
        file.size_bytes = static_cast<std::int64_t>(size->second);
      made.size_bytes += file.size_bytes.value_or(0);
      made.files.push_back(file);
      resolved.files.push_back({.location = url, .remote = true, .declared = file});
    }
    return resolved;
  }

  Resolved nothing(const std::string& empty, bool skipped) const {
    Resolved none;
    none.kind = Resolved::Kind::nothing;
    if (dataset_.pin_snapshot.empty()) {
      none.reason = skipped          ? "every snapshot of the export is listed in skip_snapshots"
                    : !empty.empty() ? "no commit of the export adds any files"
                                     : "the source has no snapshot yet";
    } else if (empty == dataset_.pin_snapshot) {
      none.reason = fmt::format("the pinned snapshot {} adds no files", dataset_.pin_snapshot);
    } else {
      none.reason =
          fmt::format("the pinned snapshot {} is not in the export: pin another, or remove pin_snapshot",
                      dataset_.pin_snapshot);
    }
    return none;
  }

  const catalog::Dataset& dataset_;
  const catalog::DatabricksSource& source_;
  const SourceContext context_;
  const std::string prefix_;
};

}  // namespace

std::unique_ptr<SnapshotSource> make_databricks_commits(const catalog::Dataset& dataset,
                                                        SourceContext context) {
  return std::make_unique<DatabricksCommits>(dataset, std::move(context));
}

}  // namespace offloader::sources
