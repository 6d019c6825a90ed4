#include "project_manifests.h"

#include <fmt/format.h>

#include "offloader/base/file.h"
#include "offloader/base/url.h"
#include "offloader/manifest/manifest.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using catalog::Finding;
using catalog::Findings;

class ManifestCheck {
 public:
  explicit ManifestCheck(const catalog::LoadedProject& project) : project_(project) {
    std::error_code error;
    root_ = fs::absolute(project.root, error);
  }

  void check(const catalog::DatasetFile& dataset) {
    const auto manifest = dataset.dataset.manifest_path();
    if (!manifest) return;
    const std::string& name = *manifest;
    const fs::path path = root_ / name;
    const auto bytes = read_file(path, manifest::kMaxManifestBytes);
    if (!bytes) return report_unreadable(dataset, name, bytes.error());
    manifest::ParsedManifest parsed = manifest::parse_manifest(*bytes, name);
    add(std::move(parsed.findings));
    if (!parsed.manifest) return;
    add(manifest::check_against_contract(*parsed.manifest, dataset.dataset, name));
    manifest::ResolvedFiles resolved = manifest::resolve_files(
        *parsed.manifest, {path.lexically_normal().string(), root_, false}, project_.allowed_origins, name);
    add(std::move(resolved.findings));
    for (std::size_t i = 0; i < resolved.files.size(); ++i) check_file(name, i, resolved.files[i]);
  }

  Findings take() { return found_.take(); }

 private:
  void add(Finding finding) {
    finding.severity = catalog::Severity::warning;
    found_.add(std::move(finding));
  }

  void add(Findings findings) {
    for (Finding& finding : findings) add(std::move(finding));
  }

  void report_unreadable(const catalog::DatasetFile& dataset, const std::string& name, const Error& error) {
    const bool missing = error.code == ErrorCode::not_found;
    add(Finding{.file = dataset.file,
                .line = dataset.manifest_line,
                .path = "manifest",
                .code = missing ? "missing_file" : "invalid_value",
                .message = fmt::format("the manifest \"{}\" {}", name,
                                       missing ? "does not exist" : "cannot be read: " + error.message),
                .hint = "the dataset is not ready until it has a manifest: see `offloader manifest create`"});
  }

  void check_file(const std::string& name, std::size_t index, const manifest::ResolvedFile& file) {
    if (file.remote) return;
    std::error_code error;
    const auto size = fs::file_size(file.location, error);
    if (error) {
      add(Finding{
          .file = name,
          .line = 0,
          .path = fmt::format("files[{}].path", index),
          .code = "missing_file",
          .message = fmt::format("the file \"{}\" does not exist or cannot be read", file.declared.path),
          .hint = "write every file first, and the manifest last"});
    } else if (file.declared.size_bytes && static_cast<std::int64_t>(size) != *file.declared.size_bytes) {
      add(Finding{.file = name,
                  .line = 0,
                  .path = fmt::format("files[{}].size_bytes", index),
                  .code = "size_mismatch",
                  .message = fmt::format("the file \"{}\" has {} bytes, but the manifest says {}",
                                         file.declared.path, size, *file.declared.size_bytes),
                  .hint = "write every file first, and the manifest last"});
    }
  }

  const catalog::LoadedProject& project_;
  fs::path root_;
  catalog::FindingList found_;
};

}  // namespace

catalog::Findings check_local_manifests(const catalog::LoadedProject& project) {
  ManifestCheck check(project);
  for (const auto& [id, dataset] : project.datasets) {
    if (dataset.sound) check.check(dataset);
  }
  return check.take();
}

}  // namespace offloader::cli
