#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "offloader/manifest/manifest.h"

// Parses arbitrary bytes as a manifest. The result must be findings, or a manifest whose files are all inside
// its project or bucket, or of an allowed origin.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace manifest = offloader::manifest;
  const auto parsed = manifest::parse_manifest({reinterpret_cast<const char*>(data), size}, "m.json");
  (void)offloader::catalog::to_json(parsed.findings);
  if (!parsed.manifest) {
    if (parsed.findings.empty()) std::abort();
    return 0;
  }
  // These folders do not exist, so no symbolic link can interfere.
  const auto local = manifest::resolve_files(
      *parsed.manifest, {"/nowhere/project/data/m.json", "/nowhere/project", false}, {}, "m.json");
  for (const auto& file : local.files) {
    if (file.remote || !file.location.starts_with("/nowhere/project/")) std::abort();
  }
  const auto bucket = manifest::resolve_files(*parsed.manifest, {"s3://bucket/folder/m.json", {}, true},
                                              {"https://files.example"}, "m.json");
  for (const auto& file : bucket.files) {
    if (!file.remote) std::abort();
    // Schemes and hosts are case-insensitive.
    std::string location = file.location;
    std::ranges::transform(location, location.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    const bool own = file.location.starts_with("s3://bucket/");
    if (!own && !location.starts_with("https://files.example")) std::abort();
  }
  return 0;
}
