#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "console.h"
#include "endpoint_commands.h"
#include "export_output.h"
#include "export_progress.h"
#include "format_answer.h"
#include "json_output.h"
#include "most_rows.h"
#include "offloader/base/ascii.h"
#include "row_counter.h"

namespace offloader::cli {
namespace {

using catalog::Format;
using catalog::FormatRow;
using nlohmann::json;

// A Parquet file is made before its first byte is sent.
constexpr std::chrono::minutes kPatience{10};

// Returns the format of the flag, else that of the file's extension; nullptr if it has an unknown one.
const FormatRow* format_of(const ExportFlags& flags) {
  if (!flags.format.empty()) return find_row(catalog::kFormats, &FormatRow::name, flags.format);
  const std::string extension = ascii::to_lower(std::filesystem::path(flags.out).extension().string());
  for (const auto& [suffix, format] :
       {std::pair{"", Format::csv}, std::pair{".csv", Format::csv}, std::pair{".ndjson", Format::ndjson},
        std::pair{".jsonl", Format::ndjson}, std::pair{".arrow", Format::arrow},
        std::pair{".arrows", Format::arrow}, std::pair{".parquet", Format::parquet}}) {
    if (extension == suffix) return &row_of(format);
  }
  return nullptr;
}

// Returns what is wrong with the flags together, empty if nothing is.
std::string misuse(const ExportFlags& flags, const FormatRow* row, const World& world) {
  if (names_param(flags.call, "format")) return "--params: choose the format with --format";
  if (row == nullptr)
    return "--out: the extension names no format; choose one with --format csv, ndjson, arrow or parquet";
  if (flags.out != "-") return "";
  const Format format = row->format;
  if (flags.json) return "--json: cannot be combined with --out -";
  const bool binary = format == Format::arrow || format == Format::parquet;
  if (binary && world.out_is_terminal) return "--out: this format is binary, which a terminal cannot show";
  return "";
}

// Why an answer is not all rows, for a caller who asked for all.
std::string left_out(const FormatAnswer& facts) {
  const std::string why =
      facts.streamed ? "there are more rows than the endpoint's `export` allows (max_rows)"
                     : "the endpoint has no `export`, so one answer is a page, and there are more rows";
  return why + "; pass --params limit=N to take only so many";
}

int fail_output(const ExportFlags& flags, const Error& error, World& world) {
  world.err << (flags.out == "-" ? "" : flags.out + ": ") << error.message << "\n";
  return kFailed;
}

int report(const ExportFlags& flags, const FormatRow& format, const FormatAnswer& facts,
           const ExportProgress& progress, World& world) {
  const double seconds = progress.seconds();
  const std::string to = flags.out == "-" ? "" : flags.out + ": ";
  const std::string rows = facts.rows ? counted(*facts.rows, "row") + ", " : "";
  world.err << to << rows << counted(progress.bytes(), "byte") << fmt::format(" in {:.1f} s\n", seconds);
  if (facts.has_more) {
    print_coloured(world, world.err, world.err_is_terminal, Colour::yellow,
                   "warning: there are more rows than the `limit` of --params\n");
  }
  if (flags.json) {
    nlohmann::ordered_json out = {{"ok", true}, {"file", flags.out}, {"format", format.name}};
    out["rows"] = facts.rows ? nlohmann::ordered_json(*facts.rows) : nlohmann::ordered_json();
    out.update({{"bytes", progress.bytes()},
                {"seconds", seconds},
                {"snapshot_id", facts.snapshot},
                {"has_more", facts.has_more}});
    world.out << json_line(out);
  }
  return kSuccess;
}

}  // namespace

int export_endpoint(const ExportFlags& flags, World& world) {
  const FormatRow* const row = format_of(flags);
  std::vector<std::string> more = {"format=" + std::string(row != nullptr ? row->name : "")};
  auto call = call_of(flags.call, world, more);
  if (const std::string wrong = call ? misuse(flags, row, world) : call.error().message; !wrong.empty()) {
    world.err << wrong << "\n";
    return kUsage;
  }
  const FormatRow& format = *row;
  // If all rows are asked for: the most that the server sends.
  std::optional<std::int64_t> most;
  // Before the server works for it.
  auto output = open_export_output(flags.out, flags.force, world);
  if (!output) return fail_output(flags, output.error(), world);
  if (!names_param(flags.call, "limit")) {
    most = ask_most_rows(flags.call, format, world);
    if (!most) return kFailed;
    more.push_back("limit=" + std::to_string(*most));
    call = call_of(flags.call, world, more);
  }
  // A server or proxy sends trailers only to those who ask. Without `Connection: TE`, against RFC 9110:
  // proxies that pass trailers on would take the question away with it.
  call->headers.emplace_back("TE: trailers");

  RowCounter counter(format.format);
  ExportProgress progress(world);
  Result<void> written;
  const auto answer = http_download(call->url, call->headers, kPatience, [&](std::string_view part) {
    written = (*output)->write(part);
    counter.add(part);
    progress.show(counter.rows(), part.size());
    return written.has_value();
  });
  progress.end();
  if (!written) return fail_output(flags, written.error(), world);
  if (!answer && progress.bytes() == 0) {
    print_unreachable(*call, answer.error(), world);
    return kFailed;
  }
  if (!answer) {
    world.err << "failed: the answer broke off after " << counted(progress.bytes(), "byte") << ": "
              << answer.error().message << "\n";
    return kFailed;
  }
  if (answer->status != 200) {
    print_refused(answer->status, json::parse(answer->body, nullptr, false), *call, world);
    return kFailed;
  }
  FormatAnswer facts = read_format_answer(*answer, format, counter.rows(), flags.no_trailers);
  if (most && facts.has_more) facts.problems.push_back(left_out(facts));
  // Without trailers a full answer may have been the first part of more.
  if (most && facts.streamed && !facts.trailers && facts.problems.empty() && facts.rows &&
      *facts.rows >= static_cast<std::uint64_t>(*most)) {
    facts.problems.emplace_back(
        "the answer has as many rows as the endpoint's `export` allows, so there may be more");
  }
  if (!facts.problems.empty()) {
    for (const std::string& problem : facts.problems) world.err << "failed: " << problem << "\n";
    return kFailed;
  }
  if (auto finished = (*output)->finish(); !finished) return fail_output(flags, finished.error(), world);
  return report(flags, format, facts, progress, world);
}

}  // namespace offloader::cli
