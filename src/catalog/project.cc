#include <array>

#include "drafts.h"
#include "offloader/catalog/origin.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 8> kFields = {
    "version",  "datasets_dir", "endpoints_dir",     "keys",
    "identity", "auth",         "object_store_mode", "allowed_origins"};
constexpr std::array<std::string_view, 2> kAuthModes = {"required", "none"};

std::optional<std::string> read_path(const Fields& fields, std::string_view field) {
  const auto text = fields.text(field, Need::optional);
  if (!text) return std::nullopt;
  auto path = safe_path(*text);
  if (!path) {
    const Value at = fields.at(field);
    at.report("unsafe_path", "the path " + at.source->quote(*text) + " leaves the project",
              "write it relative to offloader.yml, without \"..\"");
  }
  return path;
}

void read_origins(const Fields& fields, ProjectDraft& draft) {
  for (const Value& item : fields.list("allowed_origins", Need::optional)) {
    const auto text = as_text(item);
    if (!text) continue;
    auto origin = normalize_origin(*text);
    if (!origin) {
      item.report(
          "invalid_value", "the origin is not valid",
          "write s3://BUCKET, gs://BUCKET, https://HOST[:PORT] or http://HOST[:PORT], without a path");
    } else if (draft.origins.insert(*origin).second) {
      draft.allowed_origins.push_back(std::move(*origin));
    }
  }
}

void read_version(const Fields& fields) {
  const Value at = fields.get("version", Need::required);
  if (!at.present()) return;
  if (at.node->kind == yaml::Kind::integer && at.node->text != "1") {
    at.report("unsupported_version", "unsupported version " + at.source->quote(at.node->text),
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
  draft.identity_at = fields.at("identity");
  for (Value* at : {&draft.datasets_dir_at, &draft.endpoints_dir_at, &draft.keys_at, &draft.identity_at}) {
    if (!at->present()) at->line = 0;
  }
  if (!fields.readable()) return draft;
  read_version(fields);
  if (auto path = read_path(fields, "datasets_dir")) draft.datasets_dir = *path;
  if (auto path = read_path(fields, "endpoints_dir")) draft.endpoints_dir = *path;
  if (draft.datasets_dir == draft.endpoints_dir) {
    draft.endpoints_dir_at.report("invalid_value", "`datasets_dir` and `endpoints_dir` name the same folder",
                                  "use a separate folder for each");
  }
  draft.keys = read_path(fields, "keys");
  draft.identity = read_path(fields, "identity");
  if (auto mode = fields.choice("auth", Need::optional, kAuthModes))
    draft.auth = static_cast<AuthMode>(*mode);
  draft.object_store_mode = fields.text("object_store_mode", Need::optional).value_or("");
  read_origins(fields, draft);
  return draft;
}

}  // namespace offloader::catalog
