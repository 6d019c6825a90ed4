#include "usage_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "offloader/base/csv_guard.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/query/params.h"

namespace offloader::admin {
namespace {

using usage::Counts;
using usage::Hour;
using usage::Question;

constexpr auto kDefaultTime = std::chrono::days{30};

// What a report can be asked by, in the order in which its columns are written.
struct Dimension {
  const char* name;
  bool Question::*asked;
};
constexpr std::array<Dimension, 4> kDimensions = {{{"hour", &Question::by_hour},
                                                   {"key", &Question::by_key},
                                                   {"tenant", &Question::by_tenant},
                                                   {"endpoint", &Question::by_endpoint}}};

std::string text_of(Hour hour) {
  return to_rfc3339(hour);
}

std::string text_of(const usage::Line& line, std::string_view dimension) {
  if (dimension == "hour") return text_of(line.hour);
  if (dimension == "key") return line.key;
  return dimension == "tenant" ? line.tenant : line.endpoint;
}

std::array<std::pair<const char*, std::int64_t>, 8> numbers_of(const Counts& counts) {
  return {{{"requests", counts.requests()},
           {"requests_2xx", counts.requests_2xx},
           {"requests_3xx", counts.requests_3xx},
           {"requests_4xx", counts.requests_4xx},
           {"requests_5xx", counts.requests_5xx},
           {"rows", counts.rows},
           {"bytes", counts.bytes},
           {"execution_us", counts.execution_us}}};
}

class QueryReader {
 public:
  // Reads `YYYY-MM-DD` or an instant. `up`: to the next whole hour, unless it is one.
  std::optional<Hour> time(const query::SentParam& param, bool up) {
    std::optional<SystemTime> time = parse_iso8601(param.value);
    if (const auto day = parse_date(param.value)) time = SystemTime(std::chrono::days{*day});
    if (!time) {
      problem(param.name, "must be a date (2026-01-31) or an instant with an offset (2026-01-31T12:00:00Z)");
      return std::nullopt;
    }
    return up ? std::chrono::ceil<std::chrono::hours>(*time) : std::chrono::floor<std::chrono::hours>(*time);
  }

  void by(const query::SentParam& param, UsageRequest& out) {
    for (const Dimension& dimension : kDimensions) out.question.*dimension.asked = false;
    out.by.clear();
    std::string_view rest = param.value;
    for (bool more = true; more;) {
      const std::size_t comma = rest.find(',');
      const std::string_view word = rest.substr(0, comma);
      more = comma != std::string_view::npos;
      if (more) rest.remove_prefix(comma + 1);
      const auto* const found = std::find_if(kDimensions.begin(), kDimensions.end(),
                                             [&](const Dimension& each) { return word == each.name; });
      if (found == kDimensions.end()) return allowed(param.name, {"key", "endpoint", "tenant", "hour"});
      if (!std::exchange(out.question.*found->asked, true)) out.by.emplace_back(word);
    }
  }

  void allowed(const std::string& name, std::vector<std::string> words) {
    std::string listed;
    for (const std::string& word : words) listed.append(listed.empty() ? "" : ", ").append(word);
    problem(name, "must be one of " + listed + (name == "by" ? ", or several separated by commas" : ""));
    problems.back().allowed = std::move(words);
  }

  void problem(const std::string& name, const std::string& what) {
    problems.push_back({name, "param `" + name + "` " + what});
  }

  std::vector<Problem> problems;
};

tl::unexpected<Error> refuse(std::vector<Problem> problems) {
  Error error{ErrorCode::invalid_param, problems.front().message, {}, nullptr};
  error.problems = std::make_shared<const std::vector<Problem>>(std::move(problems));
  return fail(std::move(error));
}

// Callers choose some of the texts: the tenants and subjects of tokens.
void append_csv(std::string& out, std::string_view text) {
  const std::string_view before = runs_in_spreadsheets(text) ? "'" : "";
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(before).append(text);
    return;
  }
  out.append("\"").append(before);
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

Result<UsageRequest> read_usage_query(std::string_view query, std::optional<std::string_view> accept,
                                      SystemTime now) {
  const auto params = query::decode_query_string(query);
  if (!params) return fail(params.error());
  UsageRequest out;
  out.by = {"key", "endpoint"};
  out.question = {.from = std::chrono::floor<std::chrono::hours>(now - kDefaultTime),
                  .to = std::chrono::floor<std::chrono::hours>(now) + std::chrono::hours(1),
                  .by_key = true,
                  .by_endpoint = true};
  if (accept && accept->find("text/csv") != std::string_view::npos) out.format = UsageFormat::csv;
  QueryReader reader;
  for (std::size_t i = 0; i < params->size(); ++i) {
    const query::SentParam& param = (*params)[i];
    const bool repeated = std::any_of(params->begin(), params->begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& other) { return other.name == param.name; });
    if (param.name == "from") {
      out.question.from = reader.time(param, false).value_or(out.question.from);
    } else if (param.name == "to") {
      out.question.to = reader.time(param, true).value_or(out.question.to);
    } else if (param.name == "by") {
      reader.by(param, out);
    } else if (param.name == "format") {
      if (param.value != "csv" && param.value != "json") {
        reader.allowed(param.name, {"json", "csv"});
      } else {
        out.format = param.value == "csv" ? UsageFormat::csv : UsageFormat::json;
      }
    } else {
      reader.problems.push_back({"", "the params are from, to, by and format"});
    }
    if (repeated) reader.problem(param.name, "is sent twice");
  }
  if (reader.problems.empty() && out.question.from >= out.question.to)
    reader.problem("to", "must be later than `from`");
  if (!reader.problems.empty()) return refuse(std::move(reader.problems));
  return out;
}

std::string usage_json(const UsageRequest& request, const usage::Report& report,
                       const std::vector<std::string>& endpoints) {
  std::string out;
  const char* between = "";
  const auto string = [&](std::string_view name, std::string_view value) {
    out.append(between).append("\"").append(name).append("\":");
    json::append_string(out, value);
    between = ",";
  };
  out.append("{");
  string("from", text_of(request.question.from));
  string("to", text_of(request.question.to));
  const auto list = [&](const char* name, const std::vector<std::string>& values, const auto& keep) {
    out.append(",\"").append(name).append("\":[");
    const char* before = "";
    for (const std::string& value : values) {
      if (!keep(value)) continue;
      json::append_string(out.append(before), value);
      before = ",";
    }
    out.append("]");
  };
  list("by", request.by, [](const std::string&) { return true; });
  out.append(R"(,"lines":[)");
  const char* before = "{";
  for (const usage::Line& line : report.lines) {
    out.append(before);
    before = ",{";
    between = "";
    for (const Dimension& dimension : kDimensions) {
      if (!(request.question.*dimension.asked)) continue;
      if (dimension.asked == &Question::by_tenant && line.tenant.empty()) {
        out.append(between).append(R"("tenant":null)");
        between = ",";
      } else {
        string(dimension.name, text_of(line, dimension.name));
      }
    }
    for (const auto& [name, value] : numbers_of(line.counts)) {
      out.append(between).append("\"").append(name).append("\":");
      json::append_int(out, value);
      between = ",";
    }
    out.append("}");
  }
  out.append("]");
  list("endpoints_without_calls", endpoints, [&](const std::string& name) {
    return !std::binary_search(report.called.begin(), report.called.end(), name);
  });
  return out.append("}");
}

std::string usage_csv(const UsageRequest& request, const usage::Report& report) {
  std::string out;
  const char* between = "";
  const auto field = [&](std::string_view text) {
    append_csv(out.append(between), text);
    between = ",";
  };
  const auto end = [&] {
    out.append("\r\n");
    between = "";
  };
  for (const Dimension& dimension : kDimensions) {
    if (request.question.*dimension.asked) field(dimension.name);
  }
  for (const auto& [name, value] : numbers_of({})) field(name);
  end();
  for (const usage::Line& line : report.lines) {
    for (const Dimension& dimension : kDimensions) {
      if (request.question.*dimension.asked) field(text_of(line, dimension.name));
    }
    for (const auto& [name, value] : numbers_of(line.counts)) field(std::to_string(value));
    end();
  }
  return out;
}

void send_usage(const Result<UsageRequest>& request, Operations& operations, const catalog::Catalog& catalog,
                Reply& reply) {
  if (!request) return reply.refuse(request.error());
  const auto report = operations.usage(request->question);
  if (!report) return reply.refuse(report.error());
  if (request->format == UsageFormat::json) {
    std::vector<std::string> endpoints;
    for (const auto& [name, endpoint] : catalog.endpoints) endpoints.push_back(name);
    return reply.send(json_response(200, usage_json(*request, *report, endpoints)));
  }
  http::Response response;
  response.headers.append(
      "content-type: text/csv; charset=utf-8; header=present\r\ncache-control: no-store\r\n"
      "x-content-type-options: nosniff\r\ncontent-disposition: attachment; filename=\"usage.csv\"\r\n");
  response.body.append(usage_csv(*request, *report));
  reply.send(std::move(response));
}

}  // namespace offloader::admin
