#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "fields.h"

namespace offloader::catalog {

// Finds plaintext tokens in a keys file: every `token:` field and every value with the format of a token is
// an error; near misses and token-like text in comments are warnings. Not thread-safe.
class PlaintextSearch {
 public:
  PlaintextSearch(Source* source, std::string_view text);

  // Searches a value and everything in it. Does nothing if the text of the file excludes that there is one.
  void walk(const Value& value);
  // Then finds tokens that the values do not show: in comments, or in a file that could not be parsed.
  void scan(std::string_view text);

 private:
  void walk(const yaml::NodePtr& node, const std::string& path);
  void report(int line, const std::string& path, Severity severity);

  Source* source_;
  const bool possible_;
  std::unordered_set<const yaml::Node*> seen_;  // of the value that is being searched
  std::set<std::pair<int, std::string>> reported_;
  std::set<int> lines_;
};

// Returns whether `text` has the format of `keys create`: `offl_` and 48 hex digits.
[[nodiscard]] bool is_api_token(std::string_view text);

}  // namespace offloader::catalog
