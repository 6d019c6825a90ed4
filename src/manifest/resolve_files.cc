#include <fmt/format.h>

#include <algorithm>

#include "offloader/catalog/origin.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

bool is_url(std::string_view path) {
  return path.find("://") != std::string_view::npos;
}

// Whether a relative path stays below where it starts, by its text alone: no absolute path, no `..`, nothing
// that a store or a file system could read as one.
bool is_contained(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos) return false;
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return false;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part == "..") return false;
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return true;
}

// The path without its `.` parts, which a file system knows and a bucket does not: there they would be part
// of the key. Empty parts stay, since a key may have them.
std::string without_dots(std::string_view path) {
  std::string out;
  while (true) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (part != ".") {
      out += part;
      if (!last) out += '/';
    }
    if (last) return out;
    path.remove_prefix(slash + 1);
  }
}

// `..` as an https server may see it after decoding.
bool has_encoded_dots(std::string_view path) {
  std::string lower(path);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return lower.find("%2e") != std::string::npos || lower.find("%2f") != std::string::npos ||
         lower.find("%5c") != std::string::npos || lower.find("%00") != std::string::npos;
}

std::string folder_of_url(const std::string& url) {
  const auto query = url.find_first_of("?#");
  const std::string bare = url.starts_with("http") ? url.substr(0, query) : url;
  return bare.substr(0, bare.rfind('/') + 1);
}

}  // namespace

ResolvedFiles resolve_files(const Manifest& manifest, const ManifestOrigin& origin,
                            const std::vector<std::string>& allowed_origins, const std::string& file) {
  ResolvedFiles out;
  const auto refuse = [&](std::size_t i, std::string code, std::string message, std::string hint) {
    out.findings.push_back({file, 0, fmt::format("files[{}].path", i), std::move(code), std::move(message),
                            std::move(hint), catalog::Severity::error});
  };
  const std::optional<std::string> own =
      origin.remote ? catalog::origin_of_url(origin.location) : std::nullopt;
  for (std::size_t i = 0; i < manifest.files.size(); ++i) {
    const DataFile& declared = manifest.files[i];
    if (is_url(declared.path)) {
      const auto target = catalog::origin_of_url(declared.path);
      const bool allowed =
          target && (target == own || std::find(allowed_origins.begin(), allowed_origins.end(), *target) !=
                                          allowed_origins.end());
      if (!allowed) {
        refuse(i, "origin_not_allowed", "the file's URL is not of an allowed origin",
               "list its origin under allowed_origins in offloader.yml, or move the file");
        continue;
      }
      out.files.push_back({declared.path, true, declared});
      continue;
    }
    const bool http = origin.remote && origin.location.starts_with("http");
    const std::string below = without_dots(declared.path);
    if (!is_contained(declared.path) || below.empty() || (http && has_encoded_dots(declared.path))) {
      refuse(i, "unsafe_path", "the path leaves the folder of the manifest",
             "use a relative path without ..");
      continue;
    }
    if (origin.remote) {
      out.files.push_back({folder_of_url(origin.location) + below, true, declared});
      continue;
    }
    // Links are followed before the question whether the file is inside the project; a missing file is found
    // missing later.
    const std::filesystem::path path = std::filesystem::path(origin.location).parent_path() / declared.path;
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    const std::filesystem::path root =
        error ? std::filesystem::path{} : std::filesystem::weakly_canonical(origin.root, error);
    const auto [rest, unused] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    if (error || rest != root.end()) {
      refuse(i, "unsafe_path", "the path leaves the project",
             "keep the file inside the project, and links too");
      continue;
    }
    out.files.push_back({real.string(), false, declared});
  }
  return out;
}

}  // namespace offloader::manifest
