#include "cookbook.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace offloader::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAnything = "…";

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Reads the text of a fence ```http into `recipe`. Returns what is wrong with it, or "".
std::string read_http(const std::string& text, int line, Recipe& recipe) {
  std::istringstream in(text);
  std::string first;
  std::getline(in, first);
  std::istringstream words(first);
  std::string one, two;
  words >> one >> two;
  const bool answer = one == "HTTP/1.1";
  if (answer && recipe.exchanges.empty()) return "an answer without a request";
  if (!answer) {
    if (!two.starts_with("/")) return "neither a request nor an answer";
    recipe.exchanges.push_back({.line = line, .method = one, .target = two});
  }
  Exchange& exchange = recipe.exchanges.back();
  if (answer) exchange.status = std::atoi(two.c_str());
  for (std::string header; std::getline(in, header) && !header.empty();) {
    const auto colon = header.find(": ");
    if (colon == std::string::npos) return "a header without a value";
    if (answer) {
      exchange.answer_headers[lower(header.substr(0, colon))] = header.substr(colon + 2);
    } else {
      exchange.headers.push_back(header);
    }
  }
  for (std::string part; std::getline(in, part);) exchange.body += part + "\n";
  return {};
}

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

// Adds a fence to `recipe`. Returns what is wrong with it, or "".
std::string add_fence(const std::string& kind, const std::string& text, int line, Recipe& recipe) {
  std::istringstream words(kind);
  std::string language, path;
  words >> language >> path;
  if ((language == "yaml" || language == "csv") && !path.empty()) {
    if (!recipe.files.emplace(path, text).second) return path + " is there twice";
  } else if (kind == "sh") {
    recipe.commands += text;
  } else if (kind == "http") {
    return read_http(text, line, recipe);
  } else if (kind == "json" || kind == "csv") {
    if (recipe.exchanges.empty()) return "an answer without a request";
    Exchange& exchange = recipe.exchanges.back();
    if (!exchange.answer.empty()) return "a second answer to one request";
    exchange.csv = kind == "csv";
    exchange.answer = exchange.csv ? with_crlf(text) : text;
  } else {
    return "a fence that nothing runs";
  }
  return {};
}

// Returns JSON with each number as the text of its digits, so that 12.5 and 12.50 differ.
std::string with_numbers_as_text(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      out += c;
      if (c == '\\' && i + 1 < text.size()) out += text[++i];
      inside = c != '"';
      continue;
    }
    inside = c == '"';
    if (c != '-' && (c < '0' || c > '9')) {
      out += c;
      continue;
    }
    const auto end = std::min(text.find_first_not_of("0123456789+-.eE", i), text.size());
    out += "\"number " + std::string(text.substr(i, end - i)) + "\"";
    i = end - 1;
  }
  return out;
}

std::string compare(const Json& printed, const Json& found, const std::string& path);

std::string compare_members(const Json& printed, const Json& found, const std::string& path) {
  auto next = found.begin();
  for (const auto& [key, value] : printed.items()) {
    if (key == kAnything) return {};
    while (printed.contains(kAnything) && next != found.end() && next.key() != key) ++next;
    if (next == found.end()) return path + "/" + key + " is missing or out of order";
    if (next.key() != key) return path + "/" + next.key() + " is in the place of " + key;
    if (auto differs = compare(value, next.value(), path + "/" + key); !differs.empty()) return differs;
    ++next;
  }
  return next == found.end() ? std::string() : path + "/" + next.key() + " is not printed";
}

std::string compare(const Json& printed, const Json& found, const std::string& path) {
  if (printed == kAnything) return {};
  if (printed.is_object() && found.is_object()) return compare_members(printed, found, path);
  if (printed.is_array() && found.is_array()) {
    if (printed.size() != found.size()) {
      return path + " has " + std::to_string(found.size()) + " elements, not " +
             std::to_string(printed.size());
    }
    for (std::size_t i = 0; i < printed.size(); ++i) {
      auto differs = compare(printed[i], found[i], path + "/" + std::to_string(i));
      if (!differs.empty()) return differs;
    }
    return {};
  }
  return printed == found ? std::string() : path + " is " + found.dump() + ", not " + printed.dump();
}

}  // namespace

Cookbook read_cookbook(std::string_view markdown, std::string_view part) {
  Cookbook out;
  std::istringstream in{std::string(markdown)};
  bool within = false;
  int number = 0;
  std::optional<std::string> fence;
  int begin = 0;
  std::string text;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (fence) {
      if (line != "```") {
        text += line + "\n";
        continue;
      }
      if (within) {
        const std::string wrong = out.recipes.empty()
                                      ? "a fence before the first heading"
                                      : add_fence(*fence, text, begin + 1, out.recipes.back());
        if (!wrong.empty() && out.problem.empty())
          out.problem = "line " + std::to_string(begin) + ": " + wrong;
      }
      fence.reset();
    } else if (line.starts_with("```")) {
      fence = line.substr(3);
      begin = number;
      text.clear();
    } else if (line.starts_with("## ")) {
      within = line.substr(3) == part;
    } else if (within && line.starts_with("### ")) {
      out.recipes.push_back({.name = line.substr(4)});
    }
  }
  if (out.problem.empty() && out.recipes.empty())
    out.problem = "there is no part `" + std::string(part) + "`";
  if (out.problem.empty() && fence)
    out.problem = "line " + std::to_string(begin) + ": a fence without an end";
  return out;
}

std::string difference(std::string_view printed, std::string_view body) {
  const Json wanted = Json::parse(with_numbers_as_text(printed), nullptr, false);
  const Json found = Json::parse(with_numbers_as_text(body), nullptr, false);
  if (wanted.is_discarded()) return "the printed answer is not JSON";
  if (found.is_discarded()) return "the answer is not JSON";
  return compare(wanted, found, "");
}

}  // namespace offloader::app
