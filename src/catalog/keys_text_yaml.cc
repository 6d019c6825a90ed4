#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "offloader/catalog/keys_text.h"
#include "scalar_kind.h"

// Where the keys and their fields are in the text of a YAML file.
namespace offloader::catalog {
namespace {

constexpr std::string_view kList = "keys";

// Returns the offset after a scalar that begins at `at`, or nullopt if the text there is not `value`.
std::optional<std::size_t> end_of_scalar(std::string_view text, std::size_t at, std::string_view value) {
  if (at >= text.size()) return std::nullopt;
  const char quote = text[at];
  if (quote != '"' && quote != '\'')
    return text.substr(at).starts_with(value) ? std::optional(at + value.size()) : std::nullopt;
  for (std::size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

}  // namespace

// Follows the parser through the list of keys and notes where the fields of its mappings are.
class KeysText::Finder final : public YAML::EventHandler {
 public:
  explicit Finder(KeysText& keys) : keys_(keys) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { node(mark, Kind::other, ""); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { node(mark, Kind::null, ""); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    node(mark, Kind::text, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    if (depth_ == 1 && in_list_) {
      keys_.has_list_ = true;
      keys_.flow_list_ = style == YAML::EmitterStyle::Flow;
      keys_.list_begin_ = offset(mark);
    }
    open(mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value style) override {
    if (depth_ == 2 && in_list_ && keys_.has_list_) {
      keys_.places_.push_back(
          {.line = mark.line + 1, .begin = offset(mark), .flow = style == YAML::EmitterStyle::Flow});
      in_key_ = true;
    }
    open(mark);
  }
  void OnMapEnd() override { close(); }

 private:
  enum class Kind { text, null, other };

  static std::size_t offset(const YAML::Mark& mark) {
    return static_cast<std::size_t>(std::max(mark.pos, 0));
  }

  void open(const YAML::Mark& mark) {
    if (in_key_ && depth_ == 3) node(mark, Kind::other, "");
    ++depth_;
  }

  void close() {
    --depth_;
    if (depth_ == 2) in_key_ = false;
    if (depth_ == 1) in_list_ = false;
    if (depth_ == 1) expects_value_ = false;
  }

  void node(const YAML::Mark& mark, Kind kind, const std::string& value) {
    if (depth_ == 1) {
      if (!expects_value_) {
        in_list_ = kind == Kind::text && value == kList && !keys_.has_list_;
        after_list_name_ = offset(mark) + value.size();
      } else if (in_list_ && kind == Kind::null) {
        keys_.has_list_ = true;
        keys_.list_begin_ = keys_.list_end_ = std::min(after_list_name_ + 1, keys_.text_.size());
        find_null(offset(mark));
      }
      expects_value_ = !expects_value_;
      if (!expects_value_) in_list_ = false;
    } else if (depth_ == 3 && in_key_) {
      field(mark, kind, value);
    }
  }

  // Notes where the null is, if it is written on the line of `keys` and begins at `at`.
  void find_null(std::size_t at) {
    const std::string_view text = keys_.text_;
    if (at < keys_.list_begin_ || at >= text.size()) return;
    const std::size_t length = std::min(text.find_first_of(" \t\r\n#,}", at), text.size()) - at;
    const std::string_view between = text.substr(keys_.list_begin_, at - keys_.list_begin_);
    const std::string_view word = text.substr(at, length);
    if (between.find('\n') != std::string_view::npos || yaml::kind_of_scalar("?", word) != yaml::Kind::null)
      return;
    keys_.list_begin_ = at;
    keys_.list_end_ = at + length;
  }

  // Returns whether a field's name that begins at `at` is followed by its colon, as it is not after `? name`.
  [[nodiscard]] bool is_simple(std::size_t at, const std::string& name) const {
    const auto end = end_of_scalar(keys_.text_, at, name);
    const std::size_t colon = end ? keys_.text_.find_first_not_of(" \t", *end) : std::string::npos;
    return colon != std::string::npos && keys_.text_[colon] == ':';
  }

  void field(const YAML::Mark& mark, Kind kind, const std::string& value) {
    std::vector<Field>& fields = keys_.places_.back().fields;
    const std::size_t at = offset(mark);
    expects_field_value_ = !expects_field_value_;
    if (expects_field_value_) {
      fields.push_back({.name = kind == Kind::text ? value : std::string(), .name_begin = at});
      return;
    }
    Field& field = fields.back();
    field.begin = field.end = at;
    if (kind != Kind::text) return;
    const auto end = end_of_scalar(keys_.text_, at, value);
    field.value = value;
    field.is_text = true;
    field.scalar = end.has_value() && is_simple(field.name_begin, field.name);
    if (end) field.end = *end;
  }

  KeysText& keys_;
  int depth_ = 0;  // of open containers
  bool in_list_ = false;
  bool in_key_ = false;
  bool expects_value_ = false;
  bool expects_field_value_ = false;
  std::size_t after_list_name_ = 0;
};

Result<void> KeysText::find_yaml() {
  try {
    std::istringstream stream(text_);
    YAML::Parser parser(stream);
    Finder finder(*this);
    parser.HandleNextDocument(finder);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::invalid_config,
                "line " + std::to_string(std::max(error.mark.line + 1, 0)) + " is not valid YAML");
  }
  if (flow_list_ && places_.empty()) {
    const std::size_t end = text_.find(']', list_begin_);
    if (end == std::string::npos) return fail(ErrorCode::invalid_config, "the list of keys has no end");
    list_end_ = end + 1;
  }
  return {};
}

}  // namespace offloader::catalog
