#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace offloader::http {

// The parts of a path that match the captures of a pattern, in order. Views of the path.
using Captures = std::array<std::string_view, 2>;

// A path pattern: literal text, `{name}` for everything up to the next slash, and at the end `{name...}` for
// the rest. A capture may be empty. Immutable; thread-safe. Requires: at most two captures, and every `{` is
// closed.
class PathPattern {
 public:
  explicit PathPattern(std::string text);

  [[nodiscard]] const std::string& text() const { return text_; }
  // Returns whether the whole path matches, and stores what each capture holds.
  [[nodiscard]] bool matches(std::string_view path, Captures& captures) const;

 private:
  struct Piece {
    bool rest = false;  // the capture before `literal` takes the rest of the path
    std::string literal;
  };

  std::string text_;
  std::string prefix_;         // before the first capture
  std::vector<Piece> pieces_;  // for each capture, the literal text that follows it
};

// Finds the route of a request: the first pattern that matches the path, and among its routes the one that
// allows the method. Its owner adds all routes before the first request; after that it may be used by any
// thread without a lock.
template <typename Value>
class Router {
 public:
  // Adds a route. `methods` is in the format of Allow, e.g. `GET, HEAD`. A pattern may have several routes.
  void add(std::string pattern, std::string_view methods, Value value) {
    auto at = std::find_if(paths_.begin(), paths_.end(),
                           [&](const Path& path) { return path.pattern.text() == pattern; });
    if (at == paths_.end()) at = paths_.insert(at, Path{PathPattern(std::move(pattern)), {}, {}});
    at->allow.append(at->allow.empty() ? "" : ", ").append(methods);
    at->routes.push_back({{}, std::move(value)});
    while (!methods.empty()) {
      const std::size_t comma = std::min(methods.find(", "), methods.size());
      at->routes.back().methods.emplace_back(methods.substr(0, comma));
      methods.remove_prefix(std::min(comma + 2, methods.size()));
    }
  }

  struct Match {
    const Value& value;
    bool takes_method;         // false: answer 405; `value` is that of the first route of the path
    std::string_view allow;    // every method of the path; lives as long as the router
    std::string_view pattern;  // lives as long as the router
    Captures captures;         // views of the path
  };

  // Returns nullopt when no pattern matches.
  [[nodiscard]] std::optional<Match> find(std::string_view method, std::string_view path) const {
    Captures captures;
    for (const Path& candidate : paths_) {
      if (!candidate.pattern.matches(path, captures)) continue;
      for (const Route& route : candidate.routes) {
        if (std::find(route.methods.begin(), route.methods.end(), method) != route.methods.end())
          return Match{route.value, true, candidate.allow, candidate.pattern.text(), captures};
      }
      return Match{candidate.routes.front().value, false, candidate.allow, candidate.pattern.text(),
                   captures};
    }
    return std::nullopt;
  }

 private:
  struct Route {
    std::vector<std::string> methods;
    Value value;
  };
  struct Path {
    PathPattern pattern;
    std::string allow;
    std::vector<Route> routes;
  };

  std::vector<Path> paths_;
};

}  // namespace offloader::http
