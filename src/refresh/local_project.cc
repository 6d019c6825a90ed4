#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/refresh/project_source.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;

class LocalProject final : public ProjectSource {
 public:
  explicit LocalProject(const fs::path& path) {
    std::error_code error;
    root_ = fs::is_directory(path, error) ? path : path.parent_path();
    if (root_.empty()) root_ = ".";
    root_ = fs::absolute(root_, error);
    path_ = path;
  }

  Result<std::string> stamp() override {
    std::error_code error;
    std::vector<std::string> lines;
    fs::recursive_directory_iterator walk(root_, fs::directory_options::skip_permission_denied, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
      const fs::path& file = walk->path();
      // Manifests and data are asked for at each refresh; the project is its YAML.
      if (file.extension() != ".yml" && file.extension() != ".yaml") continue;
      std::error_code gone;  // a file that vanishes while we look is a change like any other
      const auto size = fs::file_size(file, gone);
      const auto time = fs::last_write_time(file, gone);
      lines.push_back(fmt::format("{}|{}|{}", file.string(), size, time.time_since_epoch().count()));
    }
    if (error) {
      return fail(ErrorCode::unavailable, "the project's folder cannot be read",
                  fmt::format("{}: {}", root_.string(), error.message()));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return to_hex(sha256(text));
  }

  Result<catalog::LoadedProject> load() override {
    loaded_stamp_ = stamp().value_or("");
    return catalog::load_project(path_);
  }
  std::string loaded_stamp() const override { return loaded_stamp_; }
  std::string base() const override { return root_.string(); }
  bool remote() const override { return false; }

 private:
  fs::path path_;
  fs::path root_;
  std::string loaded_stamp_;
};

}  // namespace

std::unique_ptr<ProjectSource> make_local_project(const fs::path& path) {
  return std::make_unique<LocalProject>(path);
}

}  // namespace offloader::refresh
