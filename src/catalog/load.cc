#include "offloader/catalog/load.h"

#include <deque>

#include "drafts.h"
#include "issuers.h"
#include "keys.h"
#include "offloader/base/crypto.h"
#include "offloader/base/free_memory.h"
#include "project_files.h"
#include "unsorted_filters.h"
#include "yaml_read.h"

namespace offloader::catalog {
namespace {

constexpr std::size_t kVersionDigits = 16;

class Loading {
 public:
  Loading(const ProjectFiles& files, const CancelFlag* cancel) : files_(files), cancel_(cancel) {}

  LoadedProject run(const std::string& entry) {
    if (const auto root = open(entry, nullptr)) {
      project_ = read_project(*root);
      read_parts();
    }
    LoadedProject loaded;
    loaded.cancelled = cancelled();
    loaded.allowed_origins = project_.allowed_origins;
    loaded.texts =
        std::make_shared<const ProjectTexts>(ProjectTexts{texts_, project_.keys.value_or(""), named_});
    for (const auto& [id, draft] : datasets_) {
      loaded.datasets.emplace(id, DatasetFile{.file = draft.file,
                                              .manifest_line = draft.manifest_line,
                                              .sound = sound_.contains(draft.file),
                                              .dataset = draft.dataset});
    }
    if (!loaded.cancelled && findings_.errors() == 0) {
      loaded.catalog = build(loaded.texts);
      warn_of_unsorted_filters(*loaded.catalog, endpoints_);
    }
    loaded.findings = findings_.take();
    return loaded;
  }

 private:
  [[nodiscard]] bool cancelled() const { return cancel_ != nullptr && cancel_->cancelled(); }

  // Opens a YAML file and returns its root, or nullopt after reporting why it cannot be read. Findings about
  // the file as a whole are reported at `named_at`, the place that names it, if given.
  std::optional<Value> open(const std::string& name, const Value* named_at) {
    if (cancelled()) return std::nullopt;
    Source& source = sources_.emplace_back(Source{name, false, &findings_});
    const Value here{&source, nullptr, 0, ""};
    auto text = read_text(name, named_at != nullptr ? *named_at : here, here, yaml::kMaxBytes);
    if (!text) return std::nullopt;
    const yaml::Document document = yaml::read(*text, cancel_);
    if (document.cancelled) return std::nullopt;
    const Value root{&source, document.root, document.root ? document.root->line : 0, ""};
    texts_[name] = std::move(*text);
    if (document.root == nullptr) {
      Value at = here;
      at.line = document.error_line;
      const std::string detail = document.error_detail.empty() ? "" : ": " + document.error_detail;
      at.report("yaml_error", "the file " + document.error + detail);
      return std::nullopt;
    }
    report_duplicate_keys(root);
    return root;
  }

  // Returns the text of a file, or nullopt after reporting at `place`, or at `here` if it is about its
  // contents.
  std::optional<std::string> read_text(const std::string& name, const Value& place, const Value& here,
                                       std::size_t limit) {
    ProjectFiles::Text text = files_.read(name, limit);
    switch (text.outcome) {
      case ProjectFiles::Outcome::ok:
        return std::move(text.bytes);
      case ProjectFiles::Outcome::missing:
        place.report("missing_file", "the file \"" + name + "\" does not exist");
        return std::nullopt;
      case ProjectFiles::Outcome::unsafe:
        place.report("unsafe_path", "\"" + name + "\" is a symbolic link that points outside the project");
        return std::nullopt;
      case ProjectFiles::Outcome::too_large:
        here.report("yaml_error", "the file is larger than " + std::to_string(limit >> 20) + " MiB");
        return std::nullopt;
      case ProjectFiles::Outcome::unreadable:
        place.report("missing_file", "\"" + name + "\" cannot be read");
        return std::nullopt;
    }
    return std::nullopt;
  }

  // Reads the keys file. Returns false if it cannot be read.
  bool read_keys_file(const std::string& name) {
    if (cancelled()) return false;
    Source& source = sources_.emplace_back(Source{name, true, &findings_});
    auto text = read_text(name, project_.keys_at, {&source, nullptr, 0, ""}, kMaxKeysBytes);
    if (!text) return false;
    ReadKeys read = read_keys(source, *text, &endpoints_, cancel_);
    keys_ = std::move(read.keys);
    texts_[name] = std::move(*text);
    return read.readable;
  }

  // Reads the issuers, if the project names a file of them. Returns false if it cannot be read.
  bool read_identity() {
    if (!project_.identity) return true;
    named_.push_back(*project_.identity);
    const auto root = open(*project_.identity, &project_.identity_at);
    if (!root) return false;
    issuers_ = read_issuers(*root, project_, endpoints_, keys_,
                            [this](const std::string& name, const Value& named_at) {
                              named_.push_back(name);
                              auto text = read_text(name, named_at, named_at, yaml::kMaxBytes);
                              if (text) texts_[name] = *text;
                              return text;
                            });
    return true;
  }

  std::vector<std::string> list(const std::string& folder, const Value& named_at) {
    ProjectFiles::Listing listing = files_.list(folder);
    switch (listing.outcome) {
      case ProjectFiles::Outcome::ok:
        break;
      case ProjectFiles::Outcome::unsafe:
        named_at.report("unsafe_path",
                        "\"" + folder + "\" is a symbolic link that points outside the project");
        break;
      default:
        named_at.report("missing_file", "the folder \"" + folder + "\" does not exist or cannot be read");
    }
    return std::move(listing.names);
  }

  void read_parts() {
    Defined defined_datasets;
    Defined defined_endpoints;
    for (const std::string& name : list(project_.datasets_dir, project_.datasets_dir_at)) {
      const std::size_t errors = findings_.errors();
      if (const auto root = open(name, nullptr)) {
        read_dataset(*root, project_, files_, datasets_, defined_datasets);
      }
      if (findings_.errors() == errors) sound_.insert(name);
    }
    for (const std::string& name : list(project_.endpoints_dir, project_.endpoints_dir_at)) {
      if (const auto root = open(name, nullptr)) {
        read_endpoint(*root, project_, datasets_, endpoints_, defined_endpoints);
      }
    }
    bool keys_readable = true;
    if (project_.keys) {
      named_.push_back(*project_.keys);
      keys_readable = read_keys_file(*project_.keys);
    }
    const bool readable = read_identity() && keys_readable;
    if (keys_.empty() && issuers_.empty() && readable && !cancelled() &&
        project_.auth == AuthMode::required) {
      project_.keys_at.report("no_keys", "`auth: required` without keys or issuers denies every request",
                              "name a file with keys in `keys`, or one with issuers in `identity`, or write "
                              "`auth: none`",
                              Severity::warning);
    }
  }

  [[nodiscard]] std::shared_ptr<const Catalog> build(std::shared_ptr<const ProjectTexts> texts) {
    auto catalog = std::make_shared<Catalog>();
    catalog->texts = std::move(texts);
    catalog->auth = project_.auth;
    catalog->object_store_mode = std::move(project_.object_store_mode);
    catalog->allowed_origins = std::move(project_.allowed_origins);
    for (auto& [id, draft] : datasets_) catalog->datasets.emplace(id, std::move(draft.dataset));
    for (auto& [name, draft] : endpoints_) catalog->endpoints.emplace(name, std::move(draft.endpoint));
    catalog->keys = std::move(keys_);
    catalog->issuers = std::move(issuers_);
    std::string all;
    for (const auto& [name, text] : texts_) {
      // The lengths keep the encoding unambiguous.
      all += std::to_string(name.size()) + ":" + name + std::to_string(text.size()) + ":" + text;
    }
    catalog->config_version = to_hex(sha256(all)).substr(0, kVersionDigits);
    return catalog;
  }

  const ProjectFiles& files_;
  const CancelFlag* cancel_;
  FindingList findings_;
  std::set<std::string> sound_;               // dataset files without errors
  std::deque<Source> sources_;                // a deque, because Values point to its elements
  std::map<std::string, std::string> texts_;  // every file read, by name
  ProjectDraft project_;
  DatasetDrafts datasets_;
  EndpointDrafts endpoints_;
  KeyTable keys_;
  std::vector<Issuer> issuers_;
  std::vector<std::string> named_;
};

}  // namespace

LoadedProject load_project(const std::filesystem::path& path, const CancelFlag* cancel) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path root = path;
  std::string entry = "offloader.yml";
  if (!fs::is_directory(path, error)) {
    entry = path.filename().string();
    root = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  } else if (!fs::exists(root / entry, error) && fs::exists(root / "offloader.yaml", error)) {
    entry = "offloader.yaml";
  }
  const DiskFiles files(root);
  LoadedProject loaded = Loading(files, cancel).run(entry);
  loaded.root = std::move(root);
  // Reading many keys leaves much free memory in small pieces.
  const auto keys = loaded.texts->files.find(loaded.texts->keys_file);
  if (keys != loaded.texts->files.end() && keys->second.size() > yaml::kMaxBytes) return_free_memory();
  return loaded;
}

LoadedProject load_project_files(std::map<std::string, std::string> files, const std::string& entry,
                                 const CancelFlag* cancel) {
  const MemoryFiles memory(std::move(files));
  return Loading(memory, cancel).run(entry);
}

}  // namespace offloader::catalog
