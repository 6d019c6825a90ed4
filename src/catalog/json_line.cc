#include "json_line.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "yaml_read.h"

namespace offloader::catalog {
namespace {

using yaml::Kind;
using yaml::Node;
using yaml::NodePtr;

// Receives the events of nlohmann's parser; each returns whether to go on.
class LineBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit LineBuilder(int line) : line_(line) {}

  bool null() { return add(scalar(Kind::null, {})); }
  bool boolean(bool value) { return add(scalar(Kind::boolean, value ? "true" : "false")); }
  bool number_integer(number_integer_t value) { return add(scalar(Kind::integer, std::to_string(value))); }
  bool number_unsigned(number_unsigned_t value) { return add(scalar(Kind::integer, std::to_string(value))); }
  bool number_float(number_float_t, const string_t& text) { return add(scalar(Kind::number, text)); }
  bool string(string_t& text) { return add(scalar(Kind::string, std::move(text))); }
  bool binary(binary_t&) { return false; }  // JSON has none
  bool start_object(std::size_t) { return open(Kind::map); }
  bool start_array(std::size_t) { return open(Kind::sequence); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& name) {
    open_.back().key = scalar(Kind::string, std::move(name));
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

  NodePtr root;
  bool too_deep = false;

 private:
  struct Open {
    std::shared_ptr<Node> node;
    NodePtr key;
  };

  [[nodiscard]] std::shared_ptr<Node> scalar(Kind kind, std::string text) const {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->line = line_;
    node->text = std::move(text);
    return node;
  }

  bool open(Kind kind) {
    too_deep = open_.size() >= static_cast<std::size_t>(yaml::kMaxLevels);
    if (too_deep) return false;
    open_.push_back({scalar(kind, {}), nullptr});
    return true;
  }

  bool close() {
    const NodePtr done = std::move(open_.back().node);
    open_.pop_back();
    return add(done);
  }

  bool add(NodePtr node) {
    if (open_.empty()) {
      root = std::move(node);
    } else if (open_.back().node->kind == Kind::sequence) {
      open_.back().node->items.push_back(std::move(node));
    } else {
      open_.back().node->entries.push_back({std::move(open_.back().key), std::move(node)});
    }
    return true;
  }

  const int line_;
  std::vector<Open> open_;
};

}  // namespace

JsonLine read_json_line(std::string_view text, int line) {
  LineBuilder builder(line);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return {.root = std::move(builder.root)};
  if (builder.too_deep)
    return {.error = "is nested more than " + std::to_string(yaml::kMaxLevels) + " levels deep"};
  return {.error = "is not a JSON object"};
}

}  // namespace offloader::catalog
