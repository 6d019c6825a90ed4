#include "most_rows.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>

namespace offloader::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kAnswerTimeout{60};
constexpr int kInvalidParam = 422;

// Returns the upper bound among what a problem lists as allowed (`<= 1000`).
std::optional<std::int64_t> bound_in(const json& problem) {
  constexpr std::string_view kAtMost = "<= ";
  for (const json& allowed : problem.value("allowed", json::array())) {
    const std::string text = allowed.is_string() ? allowed.get<std::string>() : "";
    if (!text.starts_with(kAtMost)) continue;
    std::int64_t bound = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + kAtMost.size(), end, bound);
    if (error == std::errc() && at == end && bound > 0) return bound;
  }
  return std::nullopt;
}

// Takes the problem of `limit` out of the body of a 422, and returns its bound. Returns nullopt if there are
// other problems, which stay, or if there is no bound.
std::optional<std::int64_t> take_bound(json& body) {
  if (!body.is_object() || !body.contains("error") || !body["error"].is_object()) return std::nullopt;
  json& error = body["error"];
  // A single problem is the error itself.
  const json problems = error.contains("problems") ? error["problems"] : json::array({error});
  json others = json::array();
  std::optional<std::int64_t> bound;
  for (const json& problem : problems) {
    if (!problem.is_object()) continue;
    if (problem.value("param", "") == "limit") {
      bound = bound_in(problem);
    } else {
      others.push_back(problem);
    }
  }
  if (others.empty()) return bound;
  error["message"] = others.front().value("message", "?");
  error["allowed"] = others.front().value("allowed", json::array());
  error["problems"] = std::move(others);
  return std::nullopt;
}

}  // namespace

// No list tells callers the most rows, but the error about a bad `limit` has its bounds, and it comes before
// any work is done for the request.
std::optional<std::int64_t> ask_most_rows(const CallFlags& flags, const catalog::FormatRow& format,
                                          World& world) {
  const auto call = call_of(flags, world, {"format=" + std::string(format.name), "limit=0"});
  if (!call) return std::nullopt;
  const auto answer = http_get(call->url, call->headers, kAnswerTimeout);
  if (!answer) {
    print_unreachable(*call, answer.error(), world);
    return std::nullopt;
  }
  json body = json::parse(answer->body, nullptr, false);
  if (answer->status == kInvalidParam) {
    if (const auto bound = take_bound(body)) return bound;
  }
  print_refused(answer->status, body, *call, world);
  if (answer->status == 200)
    world.err << "The server does not tell how many rows it allows. Pass --params limit=N.\n";
  return std::nullopt;
}

}  // namespace offloader::cli
