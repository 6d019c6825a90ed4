#include "store_error.h"

#include <fmt/format.h>

namespace offloader::duckdb {
namespace {

constexpr std::string_view kBegin = "<store ";
constexpr std::string_view kEnd = ">";
constexpr std::string_view kChanged = "changed: ";
constexpr std::string_view kUnavailable = "unavailable: ";
constexpr std::string_view kDetail = " | ";

std::string without_brackets(std::string text) {
  for (char& c : text) {
    if (c == '<' || c == '>') c = '_';
  }
  return text;
}

}  // namespace

std::string text_of_store_error(const Error& error) {
  return fmt::format("{}{}{}{}{}{}", kBegin, error.code == ErrorCode::changed ? kChanged : kUnavailable,
                     without_brackets(error.message), kDetail, without_brackets(error.detail), kEnd);
}

std::optional<Error> store_error_in(std::string_view text) {
  const auto begin = text.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin + kBegin.size());
  const auto end = text.find(kEnd);
  if (end == std::string_view::npos) return std::nullopt;
  text = text.substr(0, end);
  Error error;
  if (text.starts_with(kChanged)) {
    error.code = ErrorCode::changed;
    text.remove_prefix(kChanged.size());
  } else if (text.starts_with(kUnavailable)) {
    error.code = ErrorCode::unavailable;
    text.remove_prefix(kUnavailable.size());
  } else {
    return std::nullopt;
  }
  const auto detail = text.find(kDetail);
  error.message = text.substr(0, detail);
  if (detail != std::string_view::npos) error.detail = text.substr(detail + kDetail.size());
  return error;
}

}  // namespace offloader::duckdb
