#include <algorithm>
#include <array>

#include "drafts.h"
#include "offloader/catalog/origin.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 7> kFields = {"version", "datasets_dir",      "endpoints_dir",  "keys",
                                                     "auth",    "object_store_mode", "allowed_origins"};
constexpr std::array<std::string_view, 2> kAuthModes = {"required", "none"};

std::optional<std::string> read_path(const Fields& fields, std::string_view field) {
  const auto text = fields.text(field, Need::optional);
  if (!text) return std::nullopt;
  auto path = safe_path(*text);
  if (!path) {
    const Value at = fields.at(field);
    at.report("unsafe_path", at.source->quote(*text) + " leads out of the project",
              "write it relative to offloader.yml, without `..`");
  }
  return path;
}

void read_origins(const Fields& fields, std::vector<std::string>& origins) {
  for (const Value& item : fields.list("allowed_origins", Need::optional)) {
    const auto text = as_text(item);
    if (!text) continue;
    auto origin = normalize_origin(*text);
    if (!origin) {
      item.report("invalid_value", "is not an origin",
                  "write `s3://bucket`, `gs://bucket`, `https://host[:port]` or `http://host[:port]`, "
                  "without a path");
    } else if (std::find(origins.begin(), origins.end(), *origin) == origins.end()) {
      origins.push_back(std::move(*origin));
    }
  }
}

void read_version(const Fields& fields) {
  const Value at = fields.get("version", Need::required);
  if (!at.present()) return;
  if (at.node->kind == yaml::Kind::integer && at.node->text != "1") {
    at.report("unsupported_version", "version " + at.source->quote(at.node->text) + " is not supported",
              "write `version: 1`");
  } else {
    (void)as_integer(at, 1, 1);
  }
}

}  // namespace

ProjectDraft read_project(const Value& root) {
  const Fields fields(root, kFields);
  ProjectDraft draft;
  draft.datasets_dir_at = fields.at("datasets_dir");
  draft.endpoints_dir_at = fields.at("endpoints_dir");
  draft.keys_at = fields.at("keys");
  for (Value* at : {&draft.datasets_dir_at, &draft.endpoints_dir_at, &draft.keys_at}) {
    if (!at->present()) at->line = 0;
  }
  if (!fields.readable()) return draft;
  read_version(fields);
  if (auto path = read_path(fields, "datasets_dir")) draft.datasets_dir = *path;
  if (auto path = read_path(fields, "endpoints_dir")) draft.endpoints_dir = *path;
  if (draft.datasets_dir == draft.endpoints_dir) {
    draft.endpoints_dir_at.report("invalid_value", "datasets and endpoints must not share a folder");
  }
  draft.keys = read_path(fields, "keys");
  if (auto mode = fields.choice("auth", Need::optional, kAuthModes))
    draft.auth = static_cast<AuthMode>(*mode);
  draft.object_store_mode = fields.text("object_store_mode", Need::optional).value_or("");
  read_origins(fields, draft.allowed_origins);
  return draft;
}

}  // namespace offloader::catalog
