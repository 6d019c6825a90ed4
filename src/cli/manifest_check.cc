#include "manifest_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "console.h"
#include "json_output.h"
#include "offloader/base/file.h"
#include "offloader/catalog/load.h"
#include "offloader/duckdb/describe_file.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/manifest/manifest.h"
#include "offloader/telemetry/telemetry.h"
#include "temporary_folder.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using catalog::Finding;
using catalog::Findings;

constexpr int kFoldersUp = 8;
constexpr std::uint64_t kLoadMemory = 1ULL << 30;

Finding finding(const std::string& file, std::string path, std::string code, std::string message,
                std::string hint) {
  return {.file = file,
          .line = 0,
          .path = std::move(path),
          .code = std::move(code),
          .message = std::move(message),
          .hint = std::move(hint)};
}

// Check 3 of manifest.md: the files exist, have the declared sizes, and CSV headers have the declared
// columns.
Findings check_local_files(const manifest::Manifest& manifest, const catalog::Dataset& dataset,
                           const std::vector<manifest::ResolvedFile>& files, const std::string& name) {
  Findings out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const manifest::ResolvedFile& file = files[i];
    if (file.remote) continue;
    const std::string at = fmt::format("files[{}]", i);
    std::error_code error;
    const auto size = fs::file_size(file.location, error);
    if (error) {
      out.push_back(finding(name, at + ".path", "missing_file",
                            fmt::format("the file {} does not exist or cannot be read", file.declared.path),
                            "write every file first, and the manifest last"));
      continue;
    }
    if (file.declared.size_bytes && static_cast<std::int64_t>(size) != *file.declared.size_bytes) {
      out.push_back(finding(name, at + ".size_bytes", "size_mismatch",
                            fmt::format("the file {} has {} bytes, but the manifest says {}",
                                        file.declared.path, size, *file.declared.size_bytes),
                            "write every file first, and the manifest last"));
    }
    if (file.declared.format != manifest::FileFormat::csv) continue;
    const auto header = duckdb::check_csv_header(file, dataset, manifest);
    if (!header) {
      out.push_back(finding(name, at + ".path", "missing_file",
                            fmt::format("the file {} cannot be read", file.declared.path), ""));
      continue;
    }
    out.insert(out.end(), header->begin(), header->end());
  }
  return out;
}

// Without a project, the manifest's own schema serves as the contract.
catalog::Dataset dataset_of(const manifest::Manifest& manifest) {
  catalog::Dataset dataset;
  dataset.id = manifest.dataset_id;
  dataset.schema = manifest.schema;
  return dataset;
}

Result<Findings> load(const manifest::Manifest& manifest, const std::vector<manifest::ResolvedFile>& files,
                      const catalog::Dataset& dataset, World& world) {
  const bool remote = std::any_of(files.begin(), files.end(), [](const auto& file) { return file.remote; });
  if (remote)
    return fail(ErrorCode::invalid_param, "--deep can load only local files, but the manifest names a URL");
  const TemporaryFolder folder;
  const auto telemetry =
      telemetry::make_telemetry({.level = telemetry::Level::error, .format = {}, .log_fd = 2});
  if (!telemetry) return fail(telemetry.error());
  local_executor::Options options;
  options.cache_dir = folder.path();
  options.pool_size = 1;
  options.memory_limit = kLoadMemory;
  options.use_index = false;
  std::error_code error;
  fs::create_directories(folder.path() / "datasets", error);
  fs::create_directories(folder.path() / "tmp", error);
  auto executor = local_executor::open_local_executor(options, **telemetry);
  if (!executor) return fail(executor.error());
  executor::Materialization request;
  request.dataset = &dataset;
  request.name = "checked";
  request.source = {manifest, files, {}};
  request.progress = [&](double share) { show_progress(world, "loading", share); };
  const auto built = (*executor)->materialize(request);
  end_progress(world);
  if (built) return Findings{};  // a load's warnings are those of the headers, already reported
  if (built.error().findings.empty()) return fail(built.error().error);
  return built.error().findings;
}

int report(const Findings& findings, const std::string& summary, bool json, World& world) {
  const bool good = !catalog::has_errors(findings);
  if (json) {
    world.out << findings_line(good, findings);
  } else {
    world.out << catalog::to_text(findings);
    if (good) world.out << "ok: " << summary << "\n";
  }
  return good ? kSuccess : kFailed;
}

// The dataset that a manifest belongs to. Errors in other files of the project are mentioned but do not
// prevent the check.
struct Contract {
  enum class State { known, unknown, broken };
  State state = State::known;
  const catalog::Dataset* dataset = nullptr;  // set if known
};

Contract contract_in(const catalog::LoadedProject& project, const std::string& id, const fs::path& config,
                     World& world) {
  const auto found = project.datasets.find(id);
  const bool known = found != project.datasets.end();
  if (project.catalog) {
    return known ? Contract{Contract::State::known, &found->second.dataset}
                 : Contract{Contract::State::unknown, nullptr};
  }
  if (known && found->second.sound) {
    world.err << fmt::format(
        "{} has errors in other files (see `offloader validate`); the manifest is checked against {}\n",
        config.string(), found->second.file);
    return {Contract::State::known, &found->second.dataset};
  }
  // The dataset's own file is invalid.
  world.err << "the project " << config.string() << " is not valid:\n" << catalog::to_text(project.findings);
  return {Contract::State::broken, nullptr};
}

}  // namespace

std::optional<fs::path> project_around(const fs::path& manifest) {
  std::error_code error;
  fs::path folder = fs::absolute(manifest, error).parent_path();
  for (int i = 0; i < kFoldersUp; ++i, folder = folder.parent_path()) {
    for (const char* name : {"offloader.yml", "offloader.yaml"}) {
      if (fs::is_regular_file(folder / name, error)) return folder / name;
    }
    if (folder == folder.root_path()) break;
  }
  return std::nullopt;
}

int check_manifest(const ManifestCheckFlags& flags, World& world) {
  const auto bytes = read_file(flags.file, manifest::kMaxManifestBytes);
  if (!bytes) {
    world.err << flags.file << ": " << bytes.error().message << "\n";
    return kFailed;
  }
  manifest::ParsedManifest parsed = manifest::parse_manifest(*bytes, flags.file);
  Findings findings = std::move(parsed.findings);
  if (!parsed.manifest) return report(findings, "", flags.json, world);
  const manifest::Manifest& manifest = *parsed.manifest;
  const auto add = [&](Findings more) { findings.insert(findings.end(), more.begin(), more.end()); };

  catalog::Dataset dataset = dataset_of(manifest);
  std::error_code error;
  fs::path root = fs::absolute(flags.file, error).parent_path();
  std::vector<std::string> origins;
  const auto config = flags.config.empty() ? project_around(flags.file) : fs::path(flags.config);
  if (config) {
    const catalog::LoadedProject project = catalog::load_project(*config);
    origins = project.allowed_origins;
    root = fs::absolute(project.root, error);
    const auto contract = contract_in(project, manifest.dataset_id, *config, world);
    if (contract.state == Contract::State::broken) return kFailed;
    if (contract.state == Contract::State::unknown) {
      add({finding(flags.file, "dataset_id", "dataset_mismatch",
                   fmt::format("the project has no dataset \"{}\"", manifest.dataset_id),
                   "use the id of a dataset in " + config->string())});
    } else {
      dataset = *contract.dataset;
      add(manifest::check_against_contract(manifest, dataset, flags.file));
    }
  } else {
    world.err << "no offloader.yml in the manifest's folder or above it: checked without a contract\n";
    add(manifest::check_against_contract(manifest, dataset, flags.file));
  }
  const manifest::ManifestOrigin origin{fs::absolute(flags.file, error).lexically_normal().string(), root,
                                        false};
  manifest::ResolvedFiles resolved = manifest::resolve_files(manifest, origin, origins, flags.file);
  add(std::move(resolved.findings));
  if (catalog::has_errors(findings)) {
    // Check headers against the manifest's own columns, so that a mismatch with the contract is not reported
    // twice.
    add(check_local_files(manifest, dataset_of(manifest), resolved.files, flags.file));
  } else {
    add(check_local_files(manifest, dataset, resolved.files, flags.file));
  }
  findings = catalog::bounded(std::move(findings));
  if (flags.deep && !catalog::has_errors(findings)) {
    auto loaded = load(manifest, resolved.files, dataset, world);
    if (!loaded) {
      world.err << loaded.error().message << "\n";
      if (!loaded.error().detail.empty()) world.err << loaded.error().detail << "\n";
      return kFailed;
    }
    add(std::move(*loaded));
    findings = catalog::bounded(std::move(findings));
  }
  return report(findings,
                fmt::format("snapshot {} of {}, {}{}", manifest.snapshot_id, manifest.dataset_id,
                            counted(manifest.files.size(), "file"), flags.deep ? ", loaded" : ""),
                flags.json, world);
}

}  // namespace offloader::cli
