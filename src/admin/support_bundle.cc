#include "offloader/admin/support_bundle.h"
#include "offloader/base/url.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "diagnostics.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/utf8.h"
#include "tar_gz.h"

namespace offloader::admin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxContent = 64U << 20;
constexpr std::uint64_t kMaxManifest = 16U << 20;  // manifest.md
constexpr std::size_t kShortestSecret = 8;         // a shorter value may be an ordinary word
constexpr std::size_t kShortestTenant = 3;
constexpr std::size_t kMaxKeysFile = 1U << 20;
constexpr const char* kNote =
    "Secrets are removed by the names of their fields and by their shapes. This is best effort: review the "
    "files before you send them.";

bool is_text(const std::string& bytes) {
  return bytes.find('\0') == std::string::npos && is_utf8(bytes);
}

// Returns whether the path stays inside the folder that the archive is unpacked into.
bool is_safe(const std::string& path) {
  const fs::path parts(path);
  return !path.empty() && parts.is_relative() &&
         std::none_of(parts.begin(), parts.end(), [](const fs::path& part) { return part == ".."; });
}

// Adds a manifest inside the project. A symbolic link could point anywhere, so its target must be inside the
// project too.
void add_manifest(BundleRequest& request, const std::string& name, const fs::path& root) {
  const std::string path = "config/" + name;
  std::error_code error;
  const fs::path real_root = fs::weakly_canonical(root, error);
  const fs::path real = fs::weakly_canonical(root / name, error);
  const bool inside =
      !error &&
      std::mismatch(real_root.begin(), real_root.end(), real.begin(), real.end()).first == real_root.end();
  if (!inside) return request.left_out.push_back({path, "is outside the project"});
  auto bytes = read_file(real, kMaxManifest);
  if (!bytes) return request.left_out.push_back({path, bytes.error().message});
  const auto first = bytes->find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (*bytes)[first] != '{')
    return request.left_out.push_back({path, "is not a JSON object, so it may contain data"});
  request.artifacts.push_back({path, std::move(*bytes), "the project", {}});
}

// Returns the tenants that issuers name, and keys too if asked, but for those that other words may contain.
std::vector<std::string> tenants_of(const catalog::Catalog& catalog, bool of_keys) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view tenant) {
    if (tenant.size() >= kShortestTenant) out.emplace_back(tenant);
  };
  if (of_keys) {
    for (const catalog::KeyView key : catalog.keys) {
      if (key.tenant) add(*key.tenant);
    }
  }
  for (const catalog::Issuer& issuer : catalog.issuers) {
    if (issuer.tenants) std::for_each(issuer.tenants->begin(), issuer.tenants->end(), add);
  }
  return out;
}

}  // namespace

void add_project(BundleRequest& request, const catalog::ProjectTexts& texts, const catalog::Catalog* catalog,
                 const fs::path& root) {
  for (const auto& [name, bytes] : texts.files) {
    if (name == texts.keys_file && bytes.size() > kMaxKeysFile) {
      request.left_out.push_back({"config/" + name, "is larger than 1 MiB, so redacting it would take long"});
      continue;
    }
    RedactOptions options;
    // The keys file, or the identity file with its key sets.
    options.tenants = std::find(texts.named.begin(), texts.named.end(), name) != texts.named.end();
    if (options.tenants && catalog != nullptr)
      options.literals = tenants_of(*catalog, name == texts.keys_file);
    request.artifacts.push_back({"config/" + name, bytes, "the project", std::move(options)});
  }
  if (catalog == nullptr) return;
  for (const auto& [id, dataset] : catalog->datasets) {
    const auto manifest = dataset.manifest_path();
    if (!manifest) continue;
    if (root.empty()) {
      request.left_out.push_back({"config/" + *manifest, "is not on the local disk"});
    } else {
      add_manifest(request, *manifest, root);
    }
  }
}

Result<std::string> make_support_bundle(const BundleRequest& request) {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> sources;
  std::vector<LeftOut> left_out = request.left_out;
  std::size_t total = 0;
  std::vector<const BundleArtifact*> sorted;
  for (const BundleArtifact& artifact : request.artifacts) sorted.push_back(&artifact);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->path < b->path; });
  for (const BundleArtifact* artifact : sorted) {
    if (!is_safe(artifact->path) || artifact->path == "manifest.json") {
      left_out.push_back({artifact->path, "is not a valid path in the bundle"});
    } else if (!is_text(artifact->bytes)) {
      left_out.push_back({artifact->path, "is not UTF-8 text"});
    } else if (total + artifact->bytes.size() > kMaxContent) {
      left_out.push_back({artifact->path, "would make the bundle too large"});
    } else {
      RedactOptions options = artifact->redact;
      for (const std::string& secret : request.secrets) {
        if (secret.size() >= kShortestSecret) options.literals.push_back(secret);
      }
      total += artifact->bytes.size();
      files[artifact->path] = redact(artifact->bytes, options);
      sources[artifact->path] = artifact->source;
    }
  }
  nlohmann::ordered_json manifest = {{"made_by", "offloader " + request.version},
                                     {"note", kNote},
                                     {"artifacts", nlohmann::ordered_json::array()},
                                     {"left_out", nlohmann::ordered_json::array()}};
  for (const auto& [path, bytes] : files) {
    manifest["artifacts"].push_back({{"path", path},
                                     {"bytes", bytes.size()},
                                     {"sha256", to_hex(sha256(bytes))},
                                     {"source", sources[path]}});
  }
  std::stable_sort(left_out.begin(), left_out.end(),
                   [](const auto& a, const auto& b) { return a.path < b.path; });
  for (const LeftOut& item : left_out) {
    manifest["left_out"].push_back({{"path", redact(item.path)}, {"reason", redact(item.reason)}});
  }
  files["manifest.json"] =
      manifest.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return tar_gz(files);
}

std::string without_data_values(const std::string& diagnostics) {
  using Object = nlohmann::ordered_json;
  constexpr const char* kLeftOut = "(left out of the bundle: it may quote data values)";
  Object body = Object::parse(diagnostics, nullptr, false);
  if (!body.is_object() || !body.contains("datasets") || !body["datasets"].is_array()) return diagnostics;
  for (Object& dataset : body["datasets"]) {
    if (!dataset.is_object()) continue;
    // Replace it even without findings: error messages of the database quote values and come without
    // findings.
    if (dataset.contains("refresh_error") && dataset["refresh_error"].is_string())
      dataset["refresh_error"] = kLeftOut;
    if (!dataset.contains("findings") || !dataset["findings"].is_array()) continue;
    for (Object& finding : dataset["findings"]) {
      if (!finding.is_object()) continue;
      finding["message"] = kLeftOut;
      finding.erase("hint");
    }
  }
  return body.dump(-1, ' ', false, Object::error_handler_t::replace);
}

std::string diagnostics_text(const Facts& facts) {
  return diagnostics_json(facts);
}

}  // namespace offloader::admin
