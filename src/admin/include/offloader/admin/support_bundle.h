#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "offloader/admin/operations.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/redaction/redact.h"

// What an operator sends to whoever helps: configuration, diagnostics and metrics as one redacted tar.gz
// (cli.md, "Support bundle"). Made by the admin port and by `offloader support-bundle`. Blocking; any thread.
namespace offloader::admin {

struct BundleArtifact {
  std::string path;    // inside the archive, relative, without `..`
  std::string bytes;   // as read; make_support_bundle redacts them
  std::string source;  // where they were read, for people
  RedactOptions redact;
};

struct LeftOut {
  std::string path;
  std::string reason;
};

struct BundleRequest {
  std::string version;  // of Offloader
  std::vector<BundleArtifact> artifacts;
  std::vector<LeftOut> left_out;
  std::vector<std::string>
      secrets;  // known values that no artifact may hold; shorter ones than 8 are ignored
};

// Adds the project's YAML and the manifests that lie in the project as config/…. `catalog` is null where the
// project does not validate, `root` empty where it is not on this disk: then without manifests. Never a data
// file.
void add_project(BundleRequest& request, const catalog::ProjectTexts& texts, const catalog::Catalog* catalog,
                 const std::filesystem::path& root);

// The archive: the artifacts sorted by path and redacted, and manifest.json with each one's bytes, sha256 and
// source. The same request gives the same bytes. What is no UTF-8 text is left out, and what would make the
// archive's content larger than 64 MiB.
[[nodiscard]] Result<std::string> make_support_bundle(const BundleRequest& request);

// The body of /diagnostics as it goes into a bundle: without the messages of findings in data, which may
// quote values of it. Codes and places stay. Text that is not such a body is returned as it is.
[[nodiscard]] std::string without_data_values(const std::string& diagnostics);

// The body of /diagnostics.
[[nodiscard]] std::string diagnostics_text(const Facts& facts);

}  // namespace offloader::admin
