#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "command.h"
#include "console.h"
#include "manifest_check.h"
#include "manifest_text.h"
#include "offloader/base/clock.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/load.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

struct ManifestFlags {
  std::string dataset;
  std::vector<std::string> files;
  std::string watermark;
  std::string snapshot_id;
  std::string out;
  std::string delimiter;
  std::string encoding;
  std::vector<std::string> nulls;
  bool decimal_comma = false;
};

manifest::CsvDialect dialect_of(const ManifestFlags& flags) {
  manifest::CsvDialect out;
  if (!flags.delimiter.empty()) out.delimiter = manifest::parse_csv_delimiter(flags.delimiter).value_or(',');
  if (!flags.encoding.empty())
    out.encoding = manifest::parse_csv_encoding(flags.encoding).value_or(manifest::CsvEncoding::utf8);
  // In addition to the empty field, which still means NULL.
  for (const std::string& text : flags.nulls) {
    if (std::find(out.nulls.begin(), out.nulls.end(), text) == out.nulls.end()) out.nulls.push_back(text);
  }
  if (flags.decimal_comma) out.decimal = ',';
  return out;
}

// Returns the dataset from the project around the files, if there is one that defines it. The rest of the
// project may have errors: a manifest is often written before the first endpoint. Adds a note if the project
// only has one of a similar name.
std::optional<catalog::Dataset> contract_around(const fs::path& target, const std::string& dataset,
                                                std::vector<std::string>& notes) {
  const auto config = project_around(target);
  if (!config) return std::nullopt;
  const catalog::LoadedProject project = catalog::load_project(*config);
  const auto found = project.datasets.find(dataset);
  if (found == project.datasets.end()) {
    std::vector<std::string> names;
    for (const auto& [name, draft] : project.datasets) names.push_back(name);
    // A new dataset may have its manifest first; a name that is nearly one of the project's is a typo.
    if (const auto near = nearest_match(dataset, names)) {
      notes.push_back("The project has no dataset \"" + dataset +
                      "\": the types are those of the values. Did you mean \"" + *near + "\"?");
    }
  }
  if (found == project.datasets.end() || !found->second.sound) return std::nullopt;
  return found->second.dataset;
}

// Returns `file` as a manifest in `folder` names it, or nullopt if the file is not below the folder.
std::optional<std::string> relative_to(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path relative =
      fs::weakly_canonical(file, error).lexically_relative(fs::weakly_canonical(folder, error));
  if (error || relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative.generic_string();
}

int create_manifest(const ManifestFlags& flags, World& world) {
  const bool to_stdout = flags.out == "-";
  const fs::path target = flags.out.empty() ? fs::path(flags.files.front()).parent_path() / "manifest.json"
                                            : fs::path(to_stdout ? "manifest.json" : flags.out);
  std::vector<std::string> notes;
  const auto contract = contract_around(target, flags.dataset, notes);
  duckdb::DescribeOptions options;
  options.dialect = dialect_of(flags);
  options.contract = contract ? &*contract : nullptr;
  auto described = describe_files(flags.files, options, notes);
  if (!described) {
    world.err << described.error().message << "\n";
    return described.error().code == ErrorCode::invalid_param ? kUsage : kFailed;
  }
  for (const std::string& note : notes) world.err << note << "\n";
  if (!described->findings.empty()) {
    world.err << catalog::to_text(described->findings)
              << "No manifest was written: the files do not match the dataset " << flags.dataset << ".\n";
    return kFailed;
  }
  const fs::path folder = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  ManifestDraft draft;
  draft.dataset = flags.dataset;
  draft.created_at = to_rfc3339(real_clock().now());
  draft.watermark = flags.watermark.empty() ? draft.created_at : flags.watermark;
  draft.snapshot_id = flags.snapshot_id.empty() ? draft.created_at : flags.snapshot_id;
  draft.producer = "offloader manifest create";
  draft.schema = std::move(described->schema);
  draft.csv = options.dialect;
  for (ManifestFile& file : described->files) {
    const auto path = relative_to(file.path, folder);
    if (!path) {
      world.err << file.path << " is not in " << folder.string()
                << " or below it: put the manifest beside or above its files with --out\n";
      return kFailed;
    }
    file.path = *path;
    draft.files.push_back(file);
  }
  const std::string text = to_text(draft);
  // Never write a manifest that the server would reject.
  catalog::Findings refused;
  const manifest::ParsedManifest parsed = manifest::parse_manifest(text, target.string());
  refused = parsed.findings;
  if (parsed.manifest && contract)
    refused = manifest::check_against_contract(*parsed.manifest, *contract, target.string());
  if (catalog::has_errors(refused)) {
    world.err << catalog::to_text(refused) << "No manifest was written.\n";
    return kFailed;
  }
  if (to_stdout) {
    world.out << text;
    return kSuccess;
  }
  if (auto written = write_file_atomically(target, text); !written) {
    world.err << target.string() << ": " << written.error().message << "\n";
    return kFailed;
  }
  world.out << target.string() << "\n";
  return kSuccess;
}

CLI::Validator timestamp_value() {
  return {[](const std::string& text) {
            return parse_iso8601(text)
                       ? std::string()
                       : "`" + text +
                             "` is not an ISO 8601 time with an offset, such as 2026-01-31T00:00:00Z";
          },
          ""};
}

CLI::Validator snapshot_id_value() {
  return {[](const std::string& text) {
            return is_snapshot_id(text)
                       ? std::string()
                       : "`" + text + "` is not a valid snapshot id: use 1 to 200 of A-Z a-z 0-9 : _ . -";
          },
          ""};
}

CLI::Validator delimiter_value() {
  return {[](const std::string& text) {
            return manifest::parse_csv_delimiter(text)
                       ? std::string()
                       : "`" + text + "` is not a valid delimiter: use one character, such as ; or | or \\t";
          },
          ""};
}

CLI::Validator encoding_value() {
  return {[](const std::string& text) {
            return manifest::parse_csv_encoding(text)
                       ? std::string()
                       : "`" + text + "` is not one of " + std::string(manifest::kCsvEncodings);
          },
          ""};
}

}  // namespace

void add_manifest(CLI::App& root, Action& action) {
  CLI::App* manifest = add_command(root, "manifest", "Writes and checks the manifests of snapshots.",
                                   "offloader manifest validate data/orders/manifest.json");
  manifest->require_subcommand(1);

  CLI::App* create_command = add_command(
      *manifest, "create",
      "Writes a manifest for CSV or Parquet files, with the schema, row counts and sizes read from them.",
      "offloader manifest create --dataset orders data/orders/part-0.csv data/orders/part-1.csv");
  auto flags = std::make_shared<ManifestFlags>();
  create_command->add_option("--dataset", flags->dataset, "The dataset's id")
      ->type_name("ID")
      ->check(identifier_value())
      ->required();
  create_command
      ->add_option("FILE", flags->files, "CSV (.csv, .csv.gz, .csv.zst) or Parquet (.parquet) files")
      ->type_name("")
      ->required();
  create_command
      ->add_option("--watermark", flags->watermark, "The time up to which the data is complete; default now")
      ->type_name("TIME")
      ->check(timestamp_value());
  create_command
      ->add_option("--snapshot-id", flags->snapshot_id, "The snapshot's id; default the current time")
      ->type_name("ID")
      ->check(snapshot_id_value());
  create_command
      ->add_option(
          "--out", flags->out,
          "The manifest to write, - for standard output; default manifest.json beside the first file")
      ->type_name("FILE");
  create_command
      ->add_option("--delimiter", flags->delimiter, "The delimiter of the CSV files; default a comma")
      ->type_name("CHAR")
      ->check(delimiter_value());
  create_command
      ->add_option("--encoding", flags->encoding,
                   "The encoding of the CSV files: utf-8, latin-1, windows-1252 or utf-16; default utf-8")
      ->type_name("ENCODING")
      ->check(encoding_value());
  create_command
      ->add_option(
          "--null", flags->nulls,
          "A text that means a missing value in the CSV files, besides the empty field; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  create_command->add_flag("--decimal-comma", flags->decimal_comma,
                           "Numbers in the CSV files have a decimal comma");
  create_command->callback(
      [&action, flags] { action = [flags](World& world) { return create_manifest(*flags, world); }; });

  CLI::App* validate_command = add_command(
      *manifest, "validate", "Checks a manifest, its files, and that it matches the dataset's contract.",
      "offloader manifest validate data/orders/manifest.json --config offloader.yml --deep");
  auto check = std::make_shared<ManifestCheckFlags>();
  validate_command->add_option("FILE", check->file, "The manifest")->type_name("")->required();
  validate_command
      ->add_option("--config", check->config,
                   "The manifest's project; default the one that contains the manifest, if any")
      ->type_name("FILE");
  validate_command->add_flag("--deep", check->deep, "Also load the data, as a server does");
  validate_command->add_flag("--json", check->json, "Print the findings as JSON");
  validate_command->callback(
      [&action, check] { action = [check](World& world) { return check_manifest(*check, world); }; });
}

}  // namespace offloader::cli
