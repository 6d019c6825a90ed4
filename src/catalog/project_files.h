#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where a project's files come from: a folder, or texts in memory (a bucket's, a test's). Names are relative
// to the project, with `/`.
namespace offloader::catalog {

// A relative path without `..`, normalized (`./a//b/` is `a/b`); nothing when it is absolute, climbs, or is
// empty.
[[nodiscard]] std::optional<std::string> safe_path(std::string_view path);

[[nodiscard]] bool is_yaml_name(std::string_view name);

class ProjectFiles {
 public:
  enum class Outcome { ok, missing, unsafe, too_large, unreadable };
  struct Text {
    Outcome outcome = Outcome::missing;
    std::string bytes;
  };

  virtual ~ProjectFiles() = default;

  // `name` is safe by its letters; a symbolic link that leaves the project is `unsafe`.
  [[nodiscard]] virtual Text read(const std::string& name) const = 0;
  // The YAML files right in a folder, sorted; nothing when there is no such folder, or it leaves the project.
  struct Listing {
    Outcome outcome = Outcome::missing;
    std::vector<std::string> names;
  };
  [[nodiscard]] virtual Listing list(const std::string& folder) const = 0;
  // Whether a file that need not exist leads out of the project by a symbolic link.
  [[nodiscard]] virtual bool leaves_project(const std::string& name) const = 0;
};

class DiskFiles final : public ProjectFiles {
 public:
  explicit DiskFiles(std::filesystem::path root);
  [[nodiscard]] Text read(const std::string& name) const override;
  [[nodiscard]] Listing list(const std::string& folder) const override;
  [[nodiscard]] bool leaves_project(const std::string& name) const override;

 private:
  std::filesystem::path root_;
  std::filesystem::path real_root_;
};

class MemoryFiles final : public ProjectFiles {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  [[nodiscard]] Text read(const std::string& name) const override;
  [[nodiscard]] Listing list(const std::string& folder) const override;
  [[nodiscard]] bool leaves_project(const std::string&) const override { return false; }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace offloader::catalog
