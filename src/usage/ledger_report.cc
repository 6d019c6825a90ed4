#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "file_ledger.h"

// Reading the ledger.
namespace offloader::usage {

Result<Report> FileLedger::report(const Question& question) {
  if (auto written = flush(); !written) return fail(written.error());
  const auto entries = folder_.entries();
  if (!entries) return fail(entries.error());
  Hours sums;
  std::set<std::string, std::less<>> called;
  std::size_t count = 0;
  for (const auto& entry : *entries) {
    const auto day = usage::day_of(entry.name);
    if (!day || *day < day_of(question.from) || Hour(*day) >= question.to) continue;
    const auto read = read_lines(*day, [&](const ParsedLine& line) {
      const Hour hour = Hour(*day) + std::chrono::hours(line.hour);
      if (hour < question.from || hour >= question.to) return true;
      if (!called.contains(line.place.endpoint)) called.insert(line.place.endpoint);
      Lines& of_hour = sums[question.by_hour ? hour : Hour{}];
      const std::size_t before = of_hour.size();
      add_to(of_hour,
             {question.by_key ? std::string_view(line.place.key) : std::string_view(),
              question.by_tenant ? std::string_view(line.place.tenant) : std::string_view(),
              question.by_endpoint ? std::string_view(line.place.endpoint) : std::string_view()},
             line.counts, before + 1);
      count += of_hour.size() - before;
      return count <= kMostReportLines;
    });
    if (!read) return fail(read.error());
    if (count > kMostReportLines) {
      return fail(ErrorCode::invalid_param,
                  "the report would have more than 100000 lines: ask for a shorter "
                  "time, or for less in `by`");
    }
  }
  Report out;
  out.called.assign(called.begin(), called.end());
  out.lines.reserve(count);
  for (const auto& [hour, lines] : sums) {
    const auto first = static_cast<std::ptrdiff_t>(out.lines.size());
    for (const auto& [place, counts] : lines)
      out.lines.push_back({hour, place.key, place.tenant, place.endpoint, counts});
    std::sort(out.lines.begin() + first, out.lines.end(), [](const Line& a, const Line& b) {
      return std::tie(a.key, a.tenant, a.endpoint) < std::tie(b.key, b.tenant, b.endpoint);
    });
  }
  return out;
}

void FileLedger::read_day(std::chrono::sys_days day,
                          const std::function<void(const std::string&, std::int64_t, std::int64_t)>& use) {
  std::unordered_map<std::string, std::pair<std::int64_t, std::int64_t>> of_keys;
  const auto read = read_lines(day, [&](const ParsedLine& line) {
    auto& [requests, rows] = of_keys[line.place.key];
    requests += line.counts.requests();
    rows += line.counts.rows;
    return true;
  });
  if (!read) return report_failed(read.error().detail);
  for (const auto& [key, sums] : of_keys) use(key, sums.first, sums.second);
}

}  // namespace offloader::usage
