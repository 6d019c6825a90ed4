#include <fmt/format.h>

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

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

struct ManifestFlags {
  std::string dataset;
  std::vector<std::string> files;
  std::string watermark;
  std::string snapshot_id;
  std::string out;
};

// `file` as the manifest in `folder` names it; nothing when it does not lie beneath.
std::optional<std::string> relative_to(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path relative =
      fs::weakly_canonical(file, error).lexically_relative(fs::weakly_canonical(folder, error));
  if (error || relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative.generic_string();
}

int create_manifest(const ManifestFlags& flags, World& world) {
  std::vector<std::string> notes;
  auto described = describe_files(flags.files, notes);
  if (!described) {
    world.err << described.error().message << "\n";
    return described.error().code == ErrorCode::invalid_param ? kUsage : kFailed;
  }
  for (const std::string& note : notes) world.err << note << "\n";
  const bool to_stdout = flags.out == "-";
  const fs::path target = flags.out.empty() ? fs::path(flags.files.front()).parent_path() / "manifest.json"
                                            : fs::path(to_stdout ? "manifest.json" : flags.out);
  const fs::path folder = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  ManifestDraft draft;
  draft.dataset = flags.dataset;
  draft.created_at = to_rfc3339(real_clock().now());
  draft.watermark = flags.watermark.empty() ? draft.created_at : flags.watermark;
  draft.snapshot_id = flags.snapshot_id.empty() ? draft.created_at : flags.snapshot_id;
  draft.producer = "offloader manifest create";
  draft.schema = std::move(described->schema);
  for (ManifestFile& file : described->files) {
    const auto path = relative_to(file.path, folder);
    if (!path) {
      world.err << file.path << " does not lie beneath " << folder.string()
                << ": put the manifest beside or above its files, with --out\n";
      return kFailed;
    }
    file.path = *path;
    draft.files.push_back(file);
  }
  const std::string text = to_text(draft);
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
            return parse_iso8601(text) ? std::string() : "`" + text + "` is no ISO 8601 time with an offset";
          },
          ""};
}

CLI::Validator snapshot_id_value() {
  return {[](const std::string& text) {
            return is_snapshot_id(text) ? std::string()
                                        : "`" + text + "` is not 1 to 200 of A-Z a-z 0-9 : _ . -";
          },
          ""};
}

}  // namespace

void add_manifest(CLI::App& root, Action& action) {
  CLI::App* manifest = add_command(root, "manifest", "Writes and checks the manifests of snapshots.",
                                   "offloader manifest validate data/orders/manifest.json");
  manifest->require_subcommand(1);

  CLI::App* create_command =
      add_command(*manifest, "create",
                  "Writes a manifest for CSV or Parquet files: schema, rows and sizes are read from them.",
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
      ->add_option("--watermark", flags->watermark, "Up to when the data is complete; now if left out")
      ->type_name("TIME")
      ->check(timestamp_value());
  create_command->add_option("--snapshot-id", flags->snapshot_id, "The snapshot's id; the time if left out")
      ->type_name("ID")
      ->check(snapshot_id_value());
  create_command
      ->add_option("--out", flags->out,
                   "Where it goes; manifest.json beside the first file if left out, - for standard output")
      ->type_name("FILE");
  create_command->callback(
      [&action, flags] { action = [flags](World& world) { return create_manifest(*flags, world); }; });

  CLI::App* validate_command = add_command(
      *manifest, "validate", "Checks a manifest, its files and its fit to the dataset's contract.",
      "offloader manifest validate data/orders/manifest.json --config offloader.yml --deep");
  auto check = std::make_shared<ManifestCheckFlags>();
  validate_command->add_option("FILE", check->file, "The manifest")->type_name("")->required();
  validate_command
      ->add_option("--config", check->config,
                   "The project that it is for; if left out, the one around the manifest, if any")
      ->type_name("FILE");
  validate_command->add_flag("--deep", check->deep, "Also load the data, as a server would");
  validate_command->add_flag("--json", check->json, "Findings as JSON");
  validate_command->callback(
      [&action, check] { action = [check](World& world) { return check_manifest(*check, world); }; });
}

}  // namespace offloader::cli
