#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "offloader/admin/operations.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/redaction/redact.h"

// The support bundle: configuration, diagnostics and metrics as one redacted tar.gz, which an operator sends
// to support (cli.md, "Support bundle"). Made by the admin port and by `offloader support-bundle`. All
// functions block and may be called on any thread.
namespace offloader::admin {

struct BundleArtifact {
  std::string path;    // inside the archive, relative, without `..`
  std::string bytes;   // as read; make_support_bundle redacts them
  std::string source;  // where the bytes were read, for people
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
  // Known values to redact in every artifact. Values shorter than 8 bytes are ignored.
  std::vector<std::string> secrets;
};

// Adds the YAML files of the project, and the manifests inside the project folder, as config/…; never a data
// file. `catalog` is null if the project is invalid. `root` is empty if the project is not on this disk. No
// manifests are added in either case.
void add_project(BundleRequest& request, const catalog::ProjectTexts& texts, const catalog::Catalog* catalog,
                 const std::filesystem::path& root);

// Returns the archive: the redacted artifacts sorted by path, and manifest.json with the size, sha256 and
// source of each. The same request always gives the same bytes. An artifact is left out, and listed as such,
// if it is not UTF-8 text, has an unsafe path, or would make the content larger than 64 MiB. Fails with
// `internal` if the archive cannot be written.
[[nodiscard]] Result<std::string> make_support_bundle(const BundleRequest& request);

// Returns the body of /diagnostics without the messages and hints of findings and without refresh errors,
// because these may quote values of the data. Codes and places are kept. Any other text is returned
// unchanged.
[[nodiscard]] std::string without_data_values(const std::string& diagnostics);

// Returns the body of /diagnostics.
[[nodiscard]] std::string diagnostics_text(const Facts& facts);

}  // namespace offloader::admin
