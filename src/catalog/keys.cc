#include "keys.h"

#include <algorithm>
#include <array>

#include "json_line.h"
#include "key_reader.h"
#include "plaintext.h"
#include "yaml_read.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kList = "keys";
constexpr std::array<std::string_view, 1> kFileFields = {kList};

class KeysFile {
 public:
  KeysFile(Source& source, const std::string& text, const EndpointDrafts* endpoints, const CancelFlag* cancel)
      : source_(source), text_(text), cancel_(cancel), tokens_(&source, text), reader_(endpoints) {}

  ReadKeys read() {
    const bool readable = is_ndjson_name(source_.name) ? read_lines() : read_yaml();
    tokens_.scan(text_);
    return {reader_.take(), readable};
  }

 private:
  void reject(int line, const std::string& why) {
    const bool lines = is_ndjson_name(source_.name);
    Value{&source_, nullptr, line, ""}.report(lines ? "invalid_json" : "yaml_error", why);
  }

  void read_key(std::size_t index, const Value& item) {
    if (index == kMaxKeys) {
      item.report("invalid_value", "a keys file has at most " + std::to_string(kMaxKeys) + " keys");
    }
    if (index >= kMaxKeys) return;
    tokens_.walk(item);
    report_duplicate_keys(item);
    reader_.read(item);
  }

  bool read_yaml() {
    const auto item_at = [&](std::size_t index, const yaml::NodePtr& node) {
      return Value{&source_, node, node->line, std::string(kList) + "[" + std::to_string(index) + "]"};
    };
    const yaml::Items items{
        .field = kList, .max_bytes = kMaxKeysBytes, .item = [&](std::size_t index, const auto& node) {
          read_key(index, item_at(index, node));
        }};
    const yaml::Document document = yaml::read_items(text_, items, cancel_);
    if (document.cancelled) return false;
    if (document.root == nullptr) {
      reject(document.error_line, "the file " + document.error);
      return false;
    }
    const Value root{&source_, document.root, document.root->line, ""};
    tokens_.walk(root);
    report_duplicate_keys(root);
    const Fields file(root, kFileFields);
    if (!file.readable()) return true;
    const Value at = file.get(kList, Need::required);
    if (!at.present()) return true;
    const std::vector<Value> rest = as_list(at);  // empty unless the list stayed in the tree
    for (std::size_t i = 0; i < rest.size(); ++i) reader_.read(rest[i]);
    return true;
  }

  bool read_lines() {
    std::size_t index = 0;
    int number = 0;
    for (std::size_t at = 0; at < text_.size();) {
      if (cancel_ != nullptr && cancel_->cancelled()) return false;
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = std::string_view(text_).substr(at, end - at);
      at = end + 1;
      ++number;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const JsonLine read = read_json_line(line, number);
      if (read.root == nullptr) {
        reject(number, "the line " + read.error);
        return false;
      }
      read_key(index++, {&source_, read.root, number, ""});
    }
    return true;
  }

  Source& source_;
  const std::string& text_;
  const CancelFlag* cancel_;
  PlaintextSearch tokens_;
  KeyReader reader_;
};

}  // namespace

bool is_ndjson_name(std::string_view name) {
  return name.ends_with(".ndjson");
}

ReadKeys read_keys(Source& source, const std::string& text, const EndpointDrafts* endpoints,
                   const CancelFlag* cancel) {
  return KeysFile(source, text, endpoints, cancel).read();
}

}  // namespace offloader::catalog
