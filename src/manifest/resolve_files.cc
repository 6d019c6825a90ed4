#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "offloader/base/ascii.h"
#include "offloader/base/dot_segments.h"
#include "offloader/base/url.h"
#include "offloader/catalog/origin.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

// Calls `visit` with each segment between slashes, including empty ones, until it returns false.
template <typename Visit>
bool each_segment(std::string_view path, const Visit& visit) {
  while (true) {
    const auto slash = path.find('/');
    if (!visit(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool names_a_folder(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.empty() || last == "." || last == "..";
}

// Returns `path` below `folder`, a URL that ends in `/`, or nullopt if it leaves the bucket or host. `.` and
// `..` are resolved here, because an object store would treat them as part of the key. Empty segments stay: a
// key may contain them.
std::optional<std::string> below_url(const std::string& folder, std::string_view path) {
  const std::size_t root = folder.find('/', folder.find("://") + 3) + 1;
  std::string url = folder;
  const bool inside = each_segment(path, [&](std::string_view segment) {
    if (segment == ".") return true;
    if (segment != "..") {
      url += segment;
      url += '/';
      return true;
    }
    if (url.size() <= root) return false;
    url.pop_back();
    url.resize(url.rfind('/') + 1);
    return true;
  });
  if (!inside) return std::nullopt;
  url.pop_back();
  return url;
}

bool is_escape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && ascii::is_hex(text[1]) && ascii::is_hex(text[2]);
}

// Converts a relative path to the path of an http URL. Characters not allowed in a URL are escaped; existing
// escapes stay, and `?` begins a query as in any URL.
std::string as_url_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto byte = static_cast<unsigned char>(path[i]);
    const bool kept = path[i] == '%'
                          ? is_escape(path.substr(i))
                          : byte > 0x20 && byte < 0x7F &&
                                std::string_view("\"#<>\\^`{|}").find(path[i]) == std::string_view::npos;
    if (kept) {
      out += path[i];
    } else {
      out += '%';
      ascii::append_hex(out, byte, ascii::kUpperHex);
    }
  }
  return out;
}

// Finds what an http server might interpret as `..` or as another separator, decoded or not.
bool has_hidden_separator(std::string_view path) {
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\'; })) {
    return true;
  }
  const std::string lower = ascii::to_lower(path);
  return lower.find("%2e") != std::string::npos || lower.find("%2f") != std::string::npos ||
         lower.find("%5c") != std::string::npos || lower.find("%00") != std::string::npos;
}

// Returns the same text for every spelling of a file's URL, such as an explicit default port or unnecessary
// escapes.
std::string comparable(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->comparable() : url;
}

std::string folder_of_url(const std::string& url) {
  const std::string bare = is_web_url(url) ? url.substr(0, url.find_first_of("?#")) : url;
  return bare.substr(0, bare.rfind('/') + 1);
}

class Resolver {
 public:
  Resolver(const ManifestOrigin& origin, const std::vector<std::string>& allowed, const std::string& file)
      : origin_(origin), allowed_(allowed.begin(), allowed.end()), file_(file) {
    if (origin.remote) {
      if (auto own = catalog::origin_of_url(origin.location)) allowed_.insert(std::move(*own));
      return;
    }
    std::error_code error;
    root_ = std::filesystem::weakly_canonical(origin.root, error);
    if (error) root_.clear();
  }

  void add(std::size_t index, const DataFile& declared) {
    const auto location = locate(index, declared.path);
    if (!location) return;
    const bool remote = looks_like_url(declared.path) || origin_.remote;
    const auto [first, inserted] = seen_.emplace(remote ? comparable(*location) : *location, index);
    if (!inserted) {
      refuse(index, "duplicate_file", fmt::format("this is the same file as files[{}]", first->second),
             "list each file once: otherwise its rows are loaded twice");
      return;
    }
    files_.push_back({*location, remote, declared});
  }

  ResolvedFiles take() { return {std::move(files_), findings_.take()}; }

 private:
  void refuse(std::size_t index, std::string code, std::string message, std::string hint) {
    findings_.add({.file = file_,
                   .line = 0,
                   .path = fmt::format("files[{}].path", index),
                   .code = std::move(code),
                   .message = std::move(message),
                   .hint = std::move(hint)});
  }

  std::optional<std::string> refuse_path(std::size_t index, std::string message, std::string hint) {
    refuse(index, "unsafe_path", std::move(message), std::move(hint));
    return std::nullopt;
  }

  std::optional<std::string> locate(std::size_t index, const std::string& path) {
    if (looks_like_url(path)) return locate_url(index, path);
    if (path.starts_with('/')) {
      return refuse_path(index, "the path is absolute", "write it relative to the manifest");
    }
    if (path.find('\0') != std::string::npos) {
      return refuse_path(index, "the path contains a NUL character", "write the file's name without it");
    }
    if (names_a_folder(path)) return refuse_path(index, "the path names a folder", "name a file");
    return origin_.remote ? locate_remote(index, path) : locate_local(index, path);
  }

  std::optional<std::string> locate_url(std::size_t index, const std::string& url) {
    const auto target = catalog::origin_of_url(url);
    if (!target || !allowed_.contains(*target)) {
      refuse(
          index, "origin_not_allowed",
          target ? fmt::format("the origin {} is not allowed", *target) : "the URL of the file is not valid",
          target ? fmt::format("add \"{}\" to `allowed_origins` in offloader.yml, or move the file", *target)
                 : "write an s3://, gs://, https:// or http:// URL");
      return std::nullopt;
    }
    if (has_dot_segments(parse_url(url)->path)) {
      return refuse_path(index, "the URL has a `.` or `..` segment", "write the URL without it");
    }
    return url;
  }

  std::optional<std::string> locate_remote(std::size_t index, const std::string& path) {
    const bool http = is_web_url(origin_.location);
    if (http && has_hidden_separator(path)) {
      return refuse_path(index, "the path contains a character that is not safe in a URL",
                         "rename the file: no \"\\\", %2E, %2F, %5C or control characters");
    }
    auto url = below_url(folder_of_url(origin_.location), http ? as_url_path(path) : path);
    if (!url) {
      return refuse_path(index, http ? "the path leaves the host" : "the path leaves the bucket",
                         "write it relative to the manifest");
    }
    const auto parsed = parse_url(*url);
    if (!parsed)
      return refuse_path(index, "the path does not form a valid URL below the manifest's", "rename the file");
    // Finds only escaped dots; plain ones are already resolved.
    if (has_dot_segments(parsed->path)) {
      return refuse_path(index, "the path has an escaped `.` or `..` segment", "rename the file");
    }
    return url;
  }

  // Follows symbolic links before checking that the file is inside the project. A missing file is reported
  // later.
  std::optional<std::string> locate_local(std::size_t index, const std::string& path) {
    const std::filesystem::path written = std::filesystem::path(origin_.location).parent_path() / path;
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(written, error);
    const auto [rest, unused] = std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
    if (error || root_.empty() || rest != root_.end()) {
      return refuse_path(index, "the path leaves the project",
                         "keep the file and the targets of its symbolic links inside the project");
    }
    return real.string();
  }

  const ManifestOrigin& origin_;
  std::unordered_set<std::string> allowed_;
  const std::string& file_;
  std::filesystem::path root_;
  std::unordered_map<std::string, std::size_t> seen_;  // comparable location → index in `files`
  std::vector<ResolvedFile> files_;
  catalog::FindingList findings_;
};

}  // namespace

ResolvedFiles resolve_files(const Manifest& manifest, const ManifestOrigin& origin,
                            const std::vector<std::string>& allowed_origins, const std::string& file) {
  Resolver resolver(origin, allowed_origins, file);
  for (std::size_t i = 0; i < manifest.files.size(); ++i) resolver.add(i, manifest.files[i]);
  return resolver.take();
}

}  // namespace offloader::manifest
