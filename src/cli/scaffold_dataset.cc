#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include "command.h"
#include "console.h"
#include "manifest_check.h"
#include "manifest_text.h"
#include "offloader/base/ascii.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/manifest/manifest.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

struct ScaffoldFlags {
  std::string from;
  std::string id;
  std::string tenant_column;
  std::string out;
};

struct Draft {
  std::string id;
  std::string manifest;  // the value of its `manifest` field
  std::vector<catalog::Column> schema;
};

// Derives an identifier from a file's name.
std::string identifier_of(const fs::path& file) {
  std::string stem = file.filename().string();
  stem = stem.substr(0, stem.find('.'));
  std::string out;
  for (const char c : stem) {
    const char lower = ascii::to_lower(c);
    if (ascii::is_alnum(lower))
      out += lower;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty() || !ascii::is_lower(out.front())) out = "dataset_" + out;
  return out.substr(0, 63);
}

// Returns a manifest's path relative to the folder of the project around it, wherever the command was run.
// Without a project, the current folder counts as one. Returns nullopt for a path outside.
std::optional<std::string> in_project(const fs::path& manifest) {
  std::error_code error;
  const auto project = project_around(manifest);
  const fs::path named = project
                             ? fs::weakly_canonical(manifest, error)
                                   .lexically_relative(fs::weakly_canonical(project->parent_path(), error))
                             : manifest.lexically_normal();
  if (named.empty() || named.is_absolute() || *named.begin() == "..") return std::nullopt;
  return named.generic_string();
}

// Suggests the column that was probably meant, if any.
std::string similar_column(const std::string& name, const std::vector<catalog::Column>& columns) {
  std::vector<std::string> names;
  for (const catalog::Column& column : columns) {
    if (ascii::to_lower(column.name) == ascii::to_lower(name)) return "; did you mean `" + column.name + "`?";
    names.push_back(column.name);
  }
  const auto near = nearest_match(name, names);
  return near ? "; did you mean `" + *near + "`?" : "";
}

Result<Draft> draft_of(const ScaffoldFlags& flags, World& world) {
  if (!flags.from.ends_with(".json")) {
    std::vector<std::string> notes;
    auto described = describe_files({flags.from}, {}, notes);
    if (!described) return fail(described.error());
    for (const std::string& note : notes) world.err << note << "\n";
    const std::string id = flags.id.empty() ? identifier_of(flags.from) : flags.id;
    // `manifest create` writes the manifest beside the file.
    const auto named = in_project(fs::path(flags.from).parent_path() / "manifest.json");
    return Draft{id, named.value_or("data/" + id + "/manifest.json"), std::move(described->schema)};
  }
  const auto bytes = read_file(flags.from, manifest::kMaxManifestBytes);
  if (!bytes) return fail(bytes.error().code, flags.from + ": " + bytes.error().message);
  const manifest::ParsedManifest parsed = manifest::parse_manifest(*bytes, flags.from);
  if (!parsed.manifest) return fail(ErrorCode::rejected, catalog::to_text(parsed.findings));
  const std::string id = flags.id.empty() ? parsed.manifest->dataset_id : flags.id;
  auto named = in_project(flags.from);
  if (!named) {
    named = "data/" + id + "/manifest.json";
    world.err << flags.from << " is outside the project: move it to " << *named << "\n";
  }
  return Draft{id, *named, parsed.manifest->schema};
}

std::string to_yaml(const Draft& draft, const std::string& tenant_column) {
  std::string out = fmt::format(
      "# A draft: check the types, and set the tenant column if the rows belong to tenants.\nid: {}\n# "
      "description:\n"
      "manifest: {}  # in the project, or an s3://, gs:// or https:// URL\n",
      yaml_name(draft.id), json_quoted(draft.manifest));
  out += tenant_column.empty()
             ? "# tenant_column:  # VARCHAR, UUID, INTEGER or BIGINT; a key can read only its tenant's rows\n"
             : "tenant_column: " + yaml_name(tenant_column) + "\n";
  out += "schema:\n";
  for (const catalog::Column& column : draft.schema) {
    // In braces, a plain text ends at a comma.
    const std::string type = catalog::name_of(column.type);
    out += fmt::format("  - {{name: {}, type: {}{}}}\n", json_quoted(column.name),
                       column.type == catalog::ColumnType::decimal ? json_quoted(type) : type,
                       column.from.empty() ? "" : ", from: " + json_quoted(column.from));
  }
  return out;
}

int scaffold(const ScaffoldFlags& flags, World& world) {
  const auto draft = draft_of(flags, world);
  if (!draft) {
    world.err << draft.error().message << (draft.error().message.ends_with('\n') ? "" : "\n");
    return draft.error().code == ErrorCode::invalid_param ? kUsage : kFailed;
  }
  if (!flags.tenant_column.empty()) {
    const auto column = std::find_if(draft->schema.begin(), draft->schema.end(),
                                     [&](const auto& have) { return have.name == flags.tenant_column; });
    if (column == draft->schema.end()) {
      world.err << "--tenant-column: " << flags.from << " has no column `" << flags.tenant_column << "`"
                << similar_column(flags.tenant_column, draft->schema) << "\n";
      return kUsage;
    }
    if (!catalog::kTenantTypes.contains(column->type)) {
      world.err << "--tenant-column: `" << flags.tenant_column << "` is " << catalog::name_of(column->type)
                << "; a tenant column must be " << catalog::names_of(catalog::kTenantTypes, " or ") << "\n";
      return kUsage;
    }
  }
  const std::string text = to_yaml(*draft, flags.tenant_column);
  if (flags.out.empty()) {
    world.out << text;
    return kSuccess;
  }
  std::error_code error;
  if (fs::exists(flags.out, error)) {
    world.err << flags.out << " already exists: choose another file with --out, or remove it first\n";
    return kFailed;
  }
  if (auto written = write_file_atomically(flags.out, text); !written) {
    world.err << flags.out << ": " << written.error().message << "\n";
    return kFailed;
  }
  world.out << flags.out << "\n";
  return kSuccess;
}

}  // namespace

void add_scaffold_dataset(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "scaffold-dataset", "Drafts a dataset from a manifest, a CSV or a Parquet file.",
      "offloader scaffold-dataset --from orders.parquet --tenant-column tenant_id --out datasets/orders.yml");
  auto flags = std::make_shared<ScaffoldFlags>();
  command->add_option("--from", flags->from, "The manifest (.json), CSV or Parquet file")
      ->type_name("FILE")
      ->required();
  command->add_option("--id", flags->id, "The dataset's id; default derived from the file")
      ->type_name("ID")
      ->check(identifier_value());
  command->add_option("--tenant-column", flags->tenant_column, "The column that holds each row's tenant")
      ->type_name("COLUMN");
  command->add_option("--out", flags->out, "The file to write; default standard output")->type_name("FILE");
  command->callback([&action, flags] { action = [flags](World& world) { return scaffold(*flags, world); }; });
}

}  // namespace offloader::cli
