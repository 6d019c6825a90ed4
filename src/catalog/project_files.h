#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where a project's files come from: a folder, or texts in memory (of a bucket or a test). Names are relative
// to the project and use `/`.
namespace offloader::catalog {

// Returns a relative path in normal form (`a/b` for `./a//b/`). Returns nullopt if it is absolute, contains
// `..`, or is empty.
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

  // Reads `name`, which safe_path() has accepted, of at most `limit` bytes. A symbolic link that leaves the
  // project is `unsafe`.
  [[nodiscard]] virtual Text read(const std::string& name, std::size_t limit) const = 0;
  // The YAML files directly in a folder, sorted. Empty if the folder does not exist, cannot be read, or is a
  // link that leaves the project.
  struct Listing {
    Outcome outcome = Outcome::missing;
    std::vector<std::string> names;
  };
  [[nodiscard]] virtual Listing list(const std::string& folder) const = 0;
  // Returns whether `name`, which need not exist, leads out of the project through a symbolic link.
  [[nodiscard]] virtual bool leaves_project(const std::string& name) const = 0;
};

class DiskFiles final : public ProjectFiles {
 public:
  explicit DiskFiles(std::filesystem::path root);
  [[nodiscard]] Text read(const std::string& name, std::size_t limit) const override;
  [[nodiscard]] Listing list(const std::string& folder) const override;
  [[nodiscard]] bool leaves_project(const std::string& name) const override;

 private:
  std::filesystem::path root_;
  std::filesystem::path real_root_;
};

class MemoryFiles final : public ProjectFiles {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  [[nodiscard]] Text read(const std::string& name, std::size_t limit) const override;
  [[nodiscard]] Listing list(const std::string& folder) const override;
  [[nodiscard]] bool leaves_project(const std::string&) const override { return false; }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace offloader::catalog
