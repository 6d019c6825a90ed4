#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "offloader/base/descriptor.h"
#include "offloader/catalog/keys_text.h"
#include "offloader/cli/cli.h"

namespace offloader::cli {

// Which keys file a command works on: `file`, or else the one of the project `config`.
struct KeysFileFlags {
  std::string config;
  std::string file;
};

// A keys file that one command changes. While it lives, other commands that change the file wait. The file
// is replaced in one step, so that a server which reads it sees the old or the new text.
class KeysFile {
 public:
  // Finds the file and locks it. With `create`, a file that does not exist yet is an empty one. The error's
  // message is for the user and names the file.
  [[nodiscard]] static Result<KeysFile> open(const World& world, const KeysFileFlags& flags, bool create);

  [[nodiscard]] const catalog::KeysText& text() const { return text_; }
  [[nodiscard]] const std::string& name() const { return shown_; }  // as the user knows it

  // Replaces the file by `text`, with the same permissions and owner. Refuses a text with errors, and one
  // that changes more than the key `id`: the message holds the findings.
  [[nodiscard]] Result<void> replace(const std::string& text, const std::string& id) const;

 private:
  KeysFile(catalog::KeysText text) : text_(std::move(text)) {}

  [[nodiscard]] Result<void> check(const std::string& text, const std::string& id) const;

  std::filesystem::path path_;  // with symbolic links resolved
  std::string shown_;
  std::string name_in_findings_;
  std::string before_;
  bool exists_ = false;
  Descriptor lock_;
  catalog::KeysText text_;
  // Set if the file is the one of a project: reads the project with another text of it.
  std::function<catalog::Findings(const std::string&)> check_project_;
};

// The keys of a keys file.
struct ListedKeys {
  catalog::KeyTable keys;
  catalog::Findings findings;
  std::string name;
};

// Reads a keys file without locking it. The errors are as those of KeysFile::open().
[[nodiscard]] Result<ListedKeys> read_keys_file(const World& world, const KeysFileFlags& flags);

}  // namespace offloader::cli
