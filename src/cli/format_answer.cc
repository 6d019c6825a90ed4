#include "format_answer.h"

#include <charconv>

namespace offloader::cli {
namespace {

using Lines = std::map<std::string, std::string>;

std::string value_of(const Lines& lines, const char* name) {
  const auto found = lines.find(name);
  return found == lines.end() ? std::string() : found->second;
}

bool is_flag(const std::string& text) {
  return text == "true" || text == "false";
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end ? std::optional(number) : std::nullopt;
}

void read_end(const HttpAnswer& answer, std::optional<std::uint64_t> counted, FormatAnswer& out) {
  if (value_of(answer.trailers, "offloader-status") != "complete") {
    out.problems.emplace_back(
        "the trailer Offloader-Status: complete is missing: the answer may be cut, or a proxy removes "
        "trailers; if one does, pass --no-trailers");
    return;
  }
  out.trailers = true;
  const auto told = number_of(value_of(answer.trailers, "offloader-rows"));
  if (!told) {
    out.problems.emplace_back("the trailer Offloader-Rows is missing");
  } else if (counted && *counted != *told) {
    out.problems.push_back("the trailer Offloader-Rows says " + std::to_string(*told) + ", but " +
                           std::to_string(*counted) + " rows arrived");
  }
  if (told) out.rows = told;
}

}  // namespace

FormatAnswer read_format_answer(const HttpAnswer& answer, const catalog::FormatRow& format,
                                std::optional<std::uint64_t> counted, bool without_trailers) {
  FormatAnswer out;
  out.rows = counted;
  const auto need = [&](bool good, std::string what) {
    if (!good) out.problems.push_back(std::move(what));
  };
  const std::string type = value_of(answer.headers, "content-type");
  const bool expected = type.starts_with(format.media_type) &&
                        (type.size() == format.media_type.size() || type[format.media_type.size()] == ';');
  need(expected, "the content type is not " + std::string(format.media_type));
  out.snapshot = value_of(answer.headers, "offloader-snapshot");
  need(!out.snapshot.empty(), "the header Offloader-Snapshot is missing");
  need(!value_of(answer.headers, "offloader-watermark").empty(), "the header Offloader-Watermark is missing");
  need(is_flag(value_of(answer.headers, "offloader-stale")), "the header Offloader-Stale is missing");
  need(!value_of(answer.headers, "x-request-id").empty(), "the header X-Request-Id is missing");
  out.streamed = !answer.headers.contains("offloader-has-more");
  if (out.streamed && without_trailers && answer.trailers.empty()) return out;
  if (out.streamed) read_end(answer, counted, out);
  const std::string more = value_of(out.streamed ? answer.trailers : answer.headers, "offloader-has-more");
  // Whatever lost the other trailers lost this one too.
  need(is_flag(more) || !out.problems.empty(), "Offloader-Has-More is missing");
  out.has_more = more == "true";
  return out;
}

}  // namespace offloader::cli
