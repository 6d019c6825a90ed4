#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/url.h"
#include "offloader/base/url_text.h"
#include "offloader/catalog/origin.h"
#include "reading.h"

// Reads snapshots from a manifest at a fixed location: a file of the project, or a URL.
namespace offloader::sources {
namespace {

namespace fs = std::filesystem;
using Kind = Resolved::Kind;

class StaticManifest final : public SnapshotSource {
 public:
  StaticManifest(const catalog::Dataset& dataset, SourceContext context)
      : dataset_(dataset),
        context_(std::move(context)),
        location_(std::get<catalog::StaticManifest>(dataset.origin).location) {}

  std::string_view kind() const override { return "static_manifest"; }

  std::string origin() const override {
    std::string url = context_.base_remote ? context_.base : std::string();
    if (looks_like_url(location_)) url = location_;
    return object_store::origin_of(url).value_or(url);
  }

  Resolved resolve(const CancelFlag* cancel) const override {
    const manifest::ManifestOrigin place = manifest_place();
    auto bytes = read_manifest(place, cancel);
    if (!bytes) return unreadable(bytes.error());
    const std::string name = manifest_name();
    const std::string tag = to_hex(sha256(*bytes));
    manifest::ParsedManifest parsed = [&] {
      const auto turn = turn_to_parse(bytes->size());
      return manifest::parse_manifest(*bytes, name, cancel);
    }();
    if (parsed.cancelled) return failed({ErrorCode::cancelled, "reading the manifest was cancelled", {}});
    if (!parsed.manifest) return rejected(tag, std::move(parsed.findings));

    Resolved resolved;
    resolved.candidate = {.snapshot_id = parsed.manifest->snapshot_id, .tag = tag};
    resolved.findings = std::move(parsed.findings);
    const auto add = [&](catalog::Findings more) {
      resolved.findings.insert(resolved.findings.end(), more.begin(), more.end());
    };
    add(manifest::check_against_contract(*parsed.manifest, dataset_, name));
    manifest::ResolvedFiles files =
        manifest::resolve_files(*parsed.manifest, place, context_.allowed_origins, name);
    add(std::move(files.findings));
    catalog::sort_findings(resolved.findings);
    resolved.kind = catalog::has_errors(resolved.findings) ? Kind::rejected : Kind::found;
    resolved.manifest = std::move(*parsed.manifest);
    resolved.files = std::move(files.files);
    resolved.policy = policy_of(context_, place.remote ? place.location : std::string());
    return resolved;
  }

  Resolved recall(const KeptSnapshot& kept) const override {
    Resolved resolved;
    resolved.candidate = {.snapshot_id = kept.snapshot_id, .tag = {}};
    manifest::Manifest& made = resolved.manifest;
    made.dataset_id = dataset_.id;
    made.snapshot_id = kept.snapshot_id;
    made.schema = kept.schema;
    made.files = kept.files;
    made.row_count = kept.declared_rows;
    const manifest::ManifestOrigin place = manifest_place();
    manifest::ResolvedFiles files =
        manifest::resolve_files(made, place, context_.allowed_origins, manifest_name());
    resolved.findings = std::move(files.findings);
    resolved.files = std::move(files.files);
    resolved.policy = policy_of(context_, place.remote ? place.location : std::string());
    resolved.kind = catalog::has_errors(resolved.findings) ? Kind::rejected : Kind::found;
    return resolved;
  }

 private:
  std::string manifest_name() const override { return without_query(location_); }

  bool manifest_changed(const Resolved& resolved, const CancelFlag* cancel) const override {
    const auto bytes = read_manifest(manifest_place(), cancel);
    return !bytes || to_hex(sha256(*bytes)) != resolved.candidate.tag;
  }

  manifest::ManifestOrigin manifest_place() const {
    if (looks_like_url(location_)) return {.location = location_, .root = {}, .remote = true};
    if (context_.base_remote) return {.location = context_.base + location_, .root = {}, .remote = true};
    const fs::path root(context_.base);
    return {.location = (root / location_).string(), .root = root, .remote = false};
  }

  Result<std::string> read_manifest(const manifest::ManifestOrigin& place, const CancelFlag* cancel) const {
    if (place.remote) return context_.store.get(place.location, manifest::kMaxManifestBytes, call_of(cancel));
    return read_file(place.location, manifest::kMaxManifestBytes);
  }

  Resolved unreadable(Error error) const {
    if (error.code == ErrorCode::too_large) {
      return rejected("too large", {{.file = manifest_name(),
                                     .line = 0,
                                     .path = "",
                                     .code = "invalid_value",
                                     .message = "the manifest is larger than 16 MiB",
                                     .hint = "split the snapshot into fewer, larger files"}});
    }
    if (error.code == ErrorCode::rejected) {
      return rejected("unreadable: " + error.message, {{.file = manifest_name(),
                                                        .line = 0,
                                                        .path = "",
                                                        .code = "unsupported_encoding",
                                                        .message = error.message,
                                                        .hint = ""}});
    }
    error.message = fmt::format("the manifest {} cannot be read: {}", manifest_name(), error.message);
    return failed(std::move(error));
  }

  const catalog::Dataset& dataset_;
  const SourceContext context_;
  const std::string& location_;
};

}  // namespace

std::unique_ptr<SnapshotSource> make_static_manifest(const catalog::Dataset& dataset, SourceContext context) {
  return std::make_unique<StaticManifest>(dataset, std::move(context));
}

}  // namespace offloader::sources
