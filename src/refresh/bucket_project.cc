#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/json_text.h"
#include "offloader/base/thread.h"
#include "offloader/refresh/project_source.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;
using object_store::ObjectInfo;

constexpr std::size_t kMaxListed = 200'000;
constexpr std::size_t kMaxFiles = 500;
constexpr std::uint64_t kMaxBytes = 64ULL << 20;  // a keys file alone may have 32 MiB
constexpr std::size_t kFetchedAtOnce = 8;
// How often a pause checks for cancellation.
constexpr std::chrono::milliseconds kLookAtCancel{20};
constexpr const char* kOrigin = ".origin";  // names the bucket that a copy came from

bool is_yaml(std::string_view name) {
  return name.ends_with(".yml") || name.ends_with(".yaml");
}

// Whether a key below the prefix is a path that stays within the folder it is written to.
bool is_contained(std::string_view key) {
  if (key.size() > 1024) return false;
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\') return false;
  }
  while (true) {
    const auto slash = key.find('/');
    const auto part = key.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

constexpr const char* kNotWritten =
    "the project cannot be copied to config/ in the cache folder: check its permissions and its disk";

Error folder_error(const std::error_code& error) {
  return {error == std::errc::no_space_on_device ? ErrorCode::no_space : ErrorCode::unavailable, kNotWritten,
          error.message()};
}

class BucketProject final : public ProjectSource {
 public:
  BucketProject(std::string url, std::shared_ptr<object_store::ObjectStore> store, fs::path folder)
      : store_(std::move(store)), folder_(std::move(folder)) {
    if (url.starts_with("gcs://")) url = "gs://" + url.substr(6);
    if (is_yaml(url)) {
      entry_ = url.substr(url.rfind('/') + 1);
      url.resize(url.rfind('/') + 1);
    }
    if (!url.ends_with('/')) url += '/';
    prefix_ = std::move(url);
  }

  Result<std::string> stamp() override {
    const auto listing = list();
    if (!listing) return fail(listing.error());
    return stamp_of(*listing);
  }

  Result<catalog::LoadedProject> load() override {
    auto loaded = load_listed();
    // Only the loaded project tells which files it names whose names are not those of YAML files. Fetch again
    // for them: first the keys and identity files, then the key sets that the latter names.
    for (int again = 0; again < 2 && loaded && note_named_files(*loaded); ++again) loaded = load_listed();
    return loaded;
  }

  Result<catalog::LoadedProject> load_kept() override {
    for (const fs::path& copy : {project(), replaced()}) {
      const auto origin = read_file(copy / kOrigin, 4096);
      if (!origin || *origin != prefix_) continue;
      auto loaded = catalog::load_project(at_entry(copy), &stopped_);
      if (loaded.cancelled) return fail(ErrorCode::cancelled, "Reading the project was cancelled.");
      (void)note_named_files(loaded);
      loaded_stamp_.clear();
      return loaded;
    }
    return fail(ErrorCode::not_found, "the cache folder has no copy of the project");
  }

  std::string loaded_stamp() const override { return loaded_stamp_; }
  std::string base() const override { return prefix_; }
  bool remote() const override { return true; }
  void stop() override { stopped_.cancel(); }

 private:
  // Remembers the names of the files that the project names and that are not YAML files. Returns whether one
  // of them has yet to be fetched.
  bool note_named_files(const catalog::LoadedProject& loaded) {
    std::set<std::string, std::less<>> names;
    for (const std::string& name : loaded.texts->named) {
      if (!is_yaml(name)) names.insert(name);
    }
    const auto before = std::exchange(named_files_, std::move(names));
    return !std::includes(before.begin(), before.end(), named_files_.begin(), named_files_.end());
  }

  Result<catalog::LoadedProject> load_listed() {
    const auto listing = list();
    if (!listing) return fail(listing.error());
    if (auto fetched = fetch(*listing); !fetched) return fail(fetched.error());
    // List again after fetching: a change in between could have mixed two revisions.
    const auto after = list();
    if (!after) return fail(after.error());
    if (stamp_of(*after) != stamp_of(*listing)) {
      return fail(ErrorCode::changed, "the project in the bucket changed while it was fetched");
    }
    auto loaded = catalog::load_project(at_entry(fetching()), &stopped_);
    if (loaded.cancelled) return fail(ErrorCode::cancelled, "Reading the project was cancelled.");
    if (!loaded.catalog) return loaded;
    if (auto kept = keep(); !kept) return fail(kept.error());
    loaded.root = project();
    loaded_stamp_ = stamp_of(*listing);
    return loaded;
  }

  object_store::ObjectStore::Call call() const {
    object_store::ObjectStore::Call call;
    call.cancel = &stopped_;
    return call;
  }

  // Returns the project's YAML files and the others that it names, sorted by key.
  Result<std::vector<ObjectInfo>> list() const {
    auto listing = store_->list(prefix_, kMaxListed, call());
    if (!listing) {
      Error error = listing.error();
      error.message = "the project's bucket cannot be listed: " + error.message;
      return fail(std::move(error));
    }
    std::vector<ObjectInfo> files;
    for (auto& object : *listing) {
      // Manifests and data are not part of the project; they are read at each refresh.
      if (!object.url.starts_with(prefix_)) continue;
      const auto key = std::string_view(object.url).substr(prefix_.size());
      if (is_yaml(key) || named_files_.contains(key)) files.push_back(std::move(object));
    }
    return files;
  }

  std::string stamp_of(const std::vector<ObjectInfo>& files) const {
    std::string text;
    for (const auto& file : files) text += fmt::format("{}|{}|{}\n", file.url, file.size, file.tag);
    return to_hex(sha256(text));
  }

  // Fetches the files into a new `fetching/`.
  Result<void> fetch(const std::vector<ObjectInfo>& files) const {
    if (files.size() > kMaxFiles) {
      return fail(ErrorCode::too_large,
                  fmt::format("the project in the bucket has more than {} YAML files", kMaxFiles));
    }
    std::uint64_t bytes = 0;
    for (const auto& file : files) {
      bytes += file.size;
      const auto key = std::string_view(file.url).substr(prefix_.size());
      if (!is_contained(key)) {
        return fail(
            ErrorCode::rejected,
            fmt::format("the key {} in the bucket is not a usable file path: rename or remove the object",
                        quoted(key)),
            file.url);
      }
    }
    const Error too_large{
        ErrorCode::too_large, "the project's files in the bucket are larger than 64 MiB together", {}};
    if (bytes > kMaxBytes) return fail(too_large);
    std::error_code error;
    fs::remove_all(fetching(), error);
    if (auto made = create_folders(fetching()); !made) {
      return fail(made.error().code, kNotWritten, made.error().detail);
    }
    std::vector<Result<std::string>> texts(files.size(), std::string());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (auto i = next.fetch_add(1); i < files.size(); i = next.fetch_add(1)) {
        texts[i] = store_->get(files[i].url, kMaxBytes, call());
        if (!texts[i]) next.store(files.size());
      }
    };
    const std::size_t others = std::max<std::size_t>(std::min(kFetchedAtOnce, files.size()), 1) - 1;
    if (auto ran = run_side_by_side(others, "fetch-project", work); !ran) return ran;
    bytes = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string key = files[i].url.substr(prefix_.size());
      if (!texts[i]) {
        Error failed = texts[i].error();
        failed.message = fmt::format("{} cannot be fetched: {}", key, failed.message);
        return fail(std::move(failed));
      }
      if ((bytes += texts[i]->size()) > kMaxBytes) return fail(too_large);
      // A truncated file may still be valid YAML.
      if (texts[i]->size() != files[i].size) {
        return fail(ErrorCode::changed, fmt::format("the size of {} changed while it was fetched", key));
      }
      const fs::path path = fetching() / key;
      if (auto made = create_folders(path.parent_path()); !made)
        return fail(ErrorCode::rejected,
                    fmt::format("{} cannot be stored: a part of its path is also a file in the bucket", key));
      // Any of the files may contain keys.
      if (auto written = write_file_atomically(path, *texts[i], FileMode::secret); !written) return written;
    }
    return write_file_atomically(fetching() / kOrigin, prefix_, FileMode::cache);
  }

  // Replaces the last copy by the fetched one: in one step if the file system can exchange two names, else in
  // two steps, between which load_kept() finds the replaced copy.
  Result<void> keep() const {
    std::error_code error;
    const bool first = !fs::exists(project(), error);
    if (!first && ::syscall(SYS_renameat2, AT_FDCWD, fetching().c_str(), AT_FDCWD, project().c_str(),
                            static_cast<unsigned>(RENAME_EXCHANGE)) == 0) {
      fs::remove_all(fetching(), error);
      return sync_path(folder_);
    }
    if (!first) {
      fs::remove_all(replaced(), error);
      fs::rename(project(), replaced(), error);
    }
    if (!error) fs::rename(fetching(), project(), error);
    if (error) return fail(folder_error(error));
    fs::remove_all(replaced(), error);
    return sync_path(folder_);
  }

  fs::path project() const { return folder_ / "project"; }
  fs::path fetching() const { return folder_ / "fetching"; }
  fs::path replaced() const { return folder_ / "replaced"; }
  fs::path at_entry(const fs::path& copy) const { return entry_.empty() ? copy : copy / entry_; }

  const std::shared_ptr<object_store::ObjectStore> store_;
  const fs::path folder_;
  std::string prefix_;                              // ends in `/`
  std::string entry_;                               // name of the project file, if the URL gave one
  std::set<std::string, std::less<>> named_files_;  // those that are not YAML files
  std::string loaded_stamp_;
  CancelFlag stopped_;
};

bool can_be_tried_again(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::timeout || code == ErrorCode::changed;
}

}  // namespace

bool is_bucket_url(const std::string& config) {
  return config.starts_with("s3://") || config.starts_with("gs://") || config.starts_with("gcs://");
}

std::unique_ptr<ProjectSource> make_bucket_project(const std::string& url,
                                                   std::shared_ptr<object_store::ObjectStore> store,
                                                   fs::path folder) {
  return std::make_unique<BucketProject>(url, std::move(store), std::move(folder));
}

Result<StartedProject> load_at_start(ProjectSource& source, std::chrono::milliseconds patience,
                                     std::chrono::milliseconds pause,
                                     const std::function<void(const Error&)>& on_failure,
                                     const CancelFlag* cancel) {
  const auto cancelled = [&] { return cancel != nullptr && cancel->cancelled(); };
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto loaded = source.load();
    if (loaded) return StartedProject{std::move(*loaded), {}};
    if (cancelled()) return fail(ErrorCode::cancelled, "The start was cancelled.");
    on_failure(loaded.error());
    if (can_be_tried_again(loaded.error().code) && std::chrono::steady_clock::now() + pause < until) {
      const auto again = std::chrono::steady_clock::now() + pause;
      while (!cancelled() && std::chrono::steady_clock::now() < again)
        std::this_thread::sleep_for(kLookAtCancel);
      continue;
    }
    auto kept = source.load_kept();
    if (!kept || !kept->catalog) return fail(std::move(loaded.error()));
    return StartedProject{std::move(*kept), loaded.error().message};
  }
}

}  // namespace offloader::refresh
