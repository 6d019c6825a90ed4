#include <fmt/format.h>

#include <set>

#include "console.h"
#include "doctor_checks.h"
#include "offloader/app/store_options.h"
#include "offloader/base/file.h"
#include "offloader/base/url.h"
#include "offloader/catalog/origin.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using object_store::ObjectStore;

constexpr std::chrono::seconds kDeadline{15};
constexpr std::size_t kMaxListed = 1000;

std::string store_of(const std::string& url) {
  return object_store::origin_of(url).value_or(object_store::redact_url(url));
}

Check failed_read(const std::string& url, const Error& error) {
  const bool refused = error.code == ErrorCode::unauthorized;
  return {"store " + store_of(url), Health::failed, object_store::redact_url(url) + ": " + error.message,
          refused ? "check the credentials and their permissions to read and list" : ""};
}

// Reads what the datasets name, so that the credentials of each store are used at least once.
class StoreReads {
 public:
  StoreReads(ObjectStore& store, const catalog::LoadedProject& project) : store_(store), project_(project) {}

  void read(const catalog::Dataset& dataset) {
    if (const auto* source = std::get_if<catalog::DatabricksSource>(&dataset.origin)) return list(*source);
    const std::string& location = std::get<catalog::StaticManifest>(dataset.origin).location;
    std::error_code error;
    const fs::path path = fs::absolute(project_.root, error) / location;
    const bool remote = looks_like_url(location);
    const auto bytes = remote ? store_.get(location, manifest::kMaxManifestBytes, {.deadline = kDeadline})
                              : read_file(path, manifest::kMaxManifestBytes);
    if (!bytes) {
      out_.push_back(
          remote
              ? failed_read(location, bytes.error())
              : Check{"manifest of " + dataset.id, Health::failed, location + ": " + bytes.error().message,
                      bytes.error().code == ErrorCode::not_found
                          ? fmt::format("create it: offloader manifest create --dataset {} --out {} FILE...",
                                        dataset.id, command_path(location))
                          : "make it readable for the server's user"});
      return;
    }
    const std::string shown = remote ? object_store::redact_url(location) : location;
    if (remote) good(location, "read " + shown);
    const auto parsed = manifest::parse_manifest(*bytes, shown);
    if (!parsed.manifest) {
      out_.push_back({"manifest of " + dataset.id, Health::failed,
                      shown + " has " + counted(parsed.findings.size(), "finding"),
                      remote
                          ? "download it, and run `offloader manifest validate FILE` to see them"
                          : "run `offloader manifest validate " + command_path(location) + "` to see them"});
      return;
    }
    if (!remote) out_.push_back({"manifest of " + dataset.id, Health::ok, "read " + shown, ""});
    files(*parsed.manifest,
          {remote ? location : path.lexically_normal().string(),
           remote ? fs::path() : fs::absolute(project_.root, error), remote},
          shown, dataset.id);
  }

  // Lists an allowed origin that no dataset names at present, to check its credentials.
  void list_unread(const std::string& origin) {
    const bool lists = origin.starts_with("s3://") || origin.starts_with("gs://");
    if (!lists || read_.contains(origin)) return;
    const std::string url = origin + "/";
    const auto listing = store_.list(url, kMaxListed, {.deadline = kDeadline});
    if (!listing && listing.error().code != ErrorCode::too_large)
      return out_.push_back(failed_read(url, listing.error()));
    good(url, "listed " + url);
  }

  [[nodiscard]] Checks take() { return std::move(out_); }

 private:
  // Returns a path in the project as an argument of a command that runs in the current folder.
  [[nodiscard]] std::string command_path(const std::string& location) const {
    return shell_quoted((project_.root / location).lexically_normal().string());
  }

  void list(const catalog::DatabricksSource& source) {
    const std::string bucket = looks_like_url(source.bucket) ? source.bucket : "gs://" + source.bucket;
    const std::string url = bucket + (bucket.ends_with('/') ? "" : "/") + source.prefix;
    const auto listing = store_.list(url, kMaxListed, {.deadline = kDeadline});
    // Too many entries to list still proves access.
    if (!listing && listing.error().code != ErrorCode::too_large)
      return out_.push_back(failed_read(url, listing.error()));
    good(url, "listed " + url);
    if (listing && !listing->empty()) byte_of(listing->front().url, nullptr);
  }

  void files(const manifest::Manifest& manifest, const manifest::ManifestOrigin& origin,
             const std::string& shown, const std::string& dataset) {
    const auto resolved = manifest::resolve_files(manifest, origin, project_.catalog->allowed_origins, shown);
    if (!resolved.findings.empty()) {
      out_.push_back({"manifest of " + dataset, Health::failed, resolved.findings.front().message,
                      resolved.findings.front().hint});
    }
    // A manifest is trusted less than the project, so restrict its URLs to the allowed origins and its own
    // store.
    object_store::UrlPolicy policy{project_.catalog->allowed_origins, project_.catalog->allowed_origins};
    if (origin.remote) policy.origins.push_back(store_of(origin.location));
    std::set<std::string> seen;
    for (const manifest::ResolvedFile& file : resolved.files) {
      if (file.remote && seen.insert(store_of(file.location)).second) byte_of(file.location, &policy);
    }
  }

  void byte_of(const std::string& url, const object_store::UrlPolicy* policy) {
    const ObjectStore::Call call{.deadline = kDeadline, .cancel = nullptr, .policy = policy};
    const auto info = store_.stat(url, call);
    if (!info) return out_.push_back(failed_read(url, info.error()));
    char byte = 0;
    if (info->size > 0) {
      if (auto read = store_.read(url, {0, 1}, &byte, info->tag, call); !read)
        return out_.push_back(failed_read(url, read.error()));
    }
    good(url, "read a byte of " + object_store::redact_url(url));
  }

  void good(const std::string& url, std::string what) {
    read_.insert(store_of(url));
    out_.push_back({"store " + store_of(url), Health::ok, std::move(what), ""});
  }

  ObjectStore& store_;
  const catalog::LoadedProject& project_;
  Checks out_;
  std::set<std::string> read_;  // stores that have answered
};

}  // namespace

Checks check_stores(const World& world, const catalog::LoadedProject& project) {
  if (!project.catalog) return {{"stores", Health::skipped, "the project is not valid", ""}};
  const auto telemetry =
      telemetry::make_telemetry({.level = telemetry::Level::error, .format = {}, .log_fd = 2});
  if (!telemetry) return {{"stores", Health::failed, telemetry.error().message, ""}};
  const object_store::StoreOptions options = app::store_options(world.environment);
  if (const auto good = object_store::check_options(options); !good)
    return {{"stores", Health::failed, good.error().message, "see OFFLOADER_S3_* and OFFLOADER_GCS_*"}};
  const auto store = object_store::make_object_store(options, **telemetry);
  StoreReads reads(*store, project);
  for (const auto& [id, dataset] : project.catalog->datasets) reads.read(dataset);
  for (const std::string& origin : project.catalog->allowed_origins) reads.list_unread(origin);
  return reads.take();
}

}  // namespace offloader::cli
