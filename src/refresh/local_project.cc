#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/refresh/project_source.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 33ULL << 20;  // more than load_project() accepts of any file

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
    auto shape = shape_of_tree();
    if (!shape) return shape;
    std::string text = *shape;
    // Read the loaded files again: size and time do not reveal every change, and a file that the project
    // names, such as its keys file, need not be named like a YAML file.
    for (const std::string& name : loaded_names_) {
      const auto bytes = read_file(root_ / name, kMaxFileBytes);
      add_file(text, name, bytes ? *bytes : std::string(), bytes.has_value());
    }
    return to_hex(sha256(text));
  }

  Result<catalog::LoadedProject> load() override {
    auto shape = shape_of_tree();
    auto loaded = catalog::load_project(path_, &stopped_);
    if (loaded.cancelled) return fail(ErrorCode::cancelled, "Reading the project was cancelled.");
    loaded_names_.clear();
    std::string text = shape.value_or("");
    for (const auto& [name, bytes] : loaded.texts->files) {
      loaded_names_.push_back(name);
      add_file(text, name, bytes, true);
    }
    loaded_stamp_ = shape ? to_hex(sha256(text)) : std::string();
    return loaded;
  }
  std::string loaded_stamp() const override { return loaded_stamp_; }
  std::string base() const override { return root_.string(); }
  bool remote() const override { return false; }
  void stop() override { stopped_.cancel(); }

 private:
  static void add_file(std::string& text, const std::string& name, const std::string& bytes, bool readable) {
    text += fmt::format("{}|{}|{}\n", name, readable, to_hex(sha256(bytes)));
  }

  // Returns the paths, sizes and times of the YAML files.
  Result<std::string> shape_of_tree() const {
    std::error_code error;
    std::vector<std::string> lines;
    fs::recursive_directory_iterator walk(root_, fs::directory_options::skip_permission_denied, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
      const fs::path& file = walk->path();
      // Manifests and data are not part of the project; they are read at each refresh.
      if (file.extension() != ".yml" && file.extension() != ".yaml") continue;
      std::error_code gone;  // ignored: a file that vanishes meanwhile is a change like any other
      const auto size = fs::file_size(file, gone);
      const auto time = fs::last_write_time(file, gone);
      lines.push_back(fmt::format("{}|{}|{}", file.string(), size, time.time_since_epoch().count()));
    }
    if (error) {
      return fail(ErrorCode::unavailable, "the project folder cannot be read",
                  fmt::format("{}: {}", root_.string(), error.message()));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
  }

  fs::path path_;
  fs::path root_;
  std::vector<std::string> loaded_names_;  // the files that the last load() read
  CancelFlag stopped_;
  std::string loaded_stamp_;
};

}  // namespace

std::unique_ptr<ProjectSource> make_local_project(const fs::path& path) {
  return std::make_unique<LocalProject>(path);
}

}  // namespace offloader::refresh
