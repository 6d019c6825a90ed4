#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "console.h"
#include "endpoint_commands.h"
#include "format_answer.h"
#include "json_output.h"
#include "row_counter.h"

namespace offloader::cli {
namespace {

using catalog::Format;
using catalog::FormatRow;

constexpr std::chrono::seconds kAnswerTimeout{60};
// How much of an answer in CSV or NDJSON is shown.
constexpr std::size_t kShownLines = 21;
constexpr std::size_t kShownBytes = 16U << 10;

// Returns how the body deviates from the envelope in consumer-api.md.
std::vector<std::string> check_envelope(const HttpAnswer& answer, const std::string& endpoint) {
  using Json = nlohmann::json;
  std::vector<std::string> wrong;
  const auto type = answer.headers.find("content-type");
  if (type == answer.headers.end() || !type->second.starts_with("application/json"))
    wrong.emplace_back("the content type is not application/json");
  const Json body = Json::parse(answer.body, nullptr, false);
  if (body.is_discarded() || !body.is_object()) {
    wrong.emplace_back("the body is not a JSON object");
    return wrong;
  }
  const Json meta = body.value("meta", Json());
  const auto need = [&](bool good, const char* what) {
    if (!good) wrong.emplace_back(what);
  };
  const auto text = [](const Json& object, const char* name) {
    return object.is_object() && object.contains(name) && object.at(name).is_string();
  };
  need(text(meta, "request_id"), "meta.request_id is missing");
  if (answer.status != 200) {
    const Json error = body.value("error", Json());
    need(text(error, "family") && text(error, "message"), "error.family or error.message is missing");
    return wrong;
  }
  const Json data = body.value("data", Json());
  need(data.is_array(), "data is not a list");
  need(meta.value("endpoint", "") == endpoint, "meta.endpoint is not the requested endpoint");
  for (const char* name : {"snapshot_id", "generated_at", "serving_mode", "cache"})
    need(text(meta, name), (std::string("meta.") + name + " is missing").c_str());
  need(meta.is_object() && meta.contains("row_count") && meta.at("row_count") == data.size(),
       "meta.row_count is not the number of rows");
  need(meta.is_object() && meta.contains("has_more") && meta.at("has_more").is_boolean(),
       "meta.has_more is missing");
  need(text(meta.is_object() ? meta.value("freshness", Json()) : Json(), "watermark"),
       "meta.freshness is missing");
  return wrong;
}

// Summarizes the answer in one line for people.
std::string summary_of(const HttpAnswer& answer) {
  const nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  if (!body.is_object()) return "";
  if (answer.status == 200 && body.contains("meta") && body["meta"].is_object()) {
    const auto& meta = body["meta"];
    return ", " + std::to_string(meta.value("row_count", 0)) + " rows of snapshot " +
           meta.value("snapshot_id", "?") + ", cache " + meta.value("cache", "?");
  }
  const std::string error = error_text(body);
  return error.empty() ? "" : ", " + error;
}

std::string summary_of(const HttpAnswer& answer, const FormatRow& format, const FormatAnswer& facts) {
  std::string out = ", ";
  out.append(format.name).append(facts.streamed ? " export" : " page");
  if (facts.rows) out += ", " + counted(*facts.rows, "row");
  out += ", " + counted(answer.body.size(), "byte") + " of snapshot " + facts.snapshot;
  return facts.has_more ? out + ", more rows follow" : out;
}

// Prints the first rows of an answer in CSV or NDJSON.
void print_rows(const HttpAnswer& answer, Format format, World& world) {
  if (format != Format::csv && format != Format::ndjson) return;
  const std::string_view shown = first_lines(answer.body, kShownLines, kShownBytes);
  for (const char c : shown) {
    if (c != '\r') world.out << c;
  }
  if (!shown.empty() && shown.back() != '\n') world.out << "\n";
  if (shown.size() < answer.body.size()) world.out << "...\n";
}

}  // namespace

int test_endpoint(const TestFlags& flags, World& world) {
  const FormatRow& format = *find_row(catalog::kFormats, &FormatRow::name, flags.format);
  const bool json = format.format == Format::json;
  std::vector<std::string> more;
  if (!json) more.push_back("format=" + flags.format);
  auto call = call_of(flags.call, world, more);
  if (!call) {
    world.err << call.error().message << "\n";
    return kUsage;
  }
  if (!json) call->headers.emplace_back("TE: trailers");
  const auto answer = http_get(call->url, call->headers, kAnswerTimeout);
  if (!answer) {
    print_unreachable(*call, answer.error(), world);
    return kFailed;
  }
  std::vector<std::string> wrong;
  std::string summary;
  if (json || answer->status != 200) {
    wrong = check_envelope(*answer, flags.call.endpoint);
    summary = summary_of(*answer);
  } else {
    RowCounter counter(format.format);
    counter.add(answer->body);
    FormatAnswer facts = read_format_answer(*answer, format, counter.rows());
    summary = summary_of(*answer, format, facts);
    wrong = std::move(facts.problems);
  }
  if (answer->status != flags.expect_status)
    wrong.insert(wrong.begin(), "the status is " + std::to_string(answer->status) + ", not " +
                                    std::to_string(flags.expect_status));
  if (flags.json) {
    world.out << json_line(
        {{"ok", wrong.empty()}, {"url", call->url}, {"status", answer->status}, {"problems", wrong}});
  } else if (wrong.empty()) {
    world.out << "ok: status " << answer->status << summary << "\n";
    if (answer->status == 200) print_rows(*answer, format.format, world);
  } else {
    for (const std::string& problem : wrong) world.out << problem << "\n";
    world.err << "failed: status " << answer->status << summary << "\n";
    print_advice(answer->status, *call, world);
  }
  return wrong.empty() ? kSuccess : kFailed;
}

}  // namespace offloader::cli
