#include "parquet_local_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "parquet_refusal.h"

namespace offloader::duckdb {
namespace {

constexpr std::string_view kCopyAgain = " The file is damaged. Copy or export it again.";

}  // namespace

Result<void> check_pages_of(const object_store::LocalInput& input, const manifest::ResolvedFile& file,
                            const std::vector<SourceColumn>& columns, Checksums checksums,
                            const std::function<bool()>& interrupted, catalog::Findings& findings) {
  const auto read = [&](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
    if (interrupted && interrupted()) return fail(ErrorCode::cancelled, "The build was cancelled.");
    return input.read(offset, buffer, length);
  };
  const auto info = input.info();
  if (!info) return fail(info.error());
  const auto footer = read_footer(info->size, read);
  if (!footer) return fail(footer.error());
  if (const auto* oversized = std::get_if<OversizedFooter>(&*footer)) {
    findings.push_back(data_finding(file, {}, oversized_footer_reason(oversized->length)));
    return {};
  }
  const auto* const found = std::get_if<PageMap>(&*footer);
  if (found == nullptr) {
    findings.push_back(data_finding(file, {}, malformed_footer_reason()));
    return {};
  }
  const PageMap& map = *found;
  std::vector<bool> damaged(map.columns.size(), false);
  for (const auto& problem : map.schema_problems) {
    const auto column = std::ranges::find(columns, map.columns[problem.column], &SourceColumn::in_file);
    if (column == columns.end()) continue;
    damaged[problem.column] = true;
    findings.push_back(
        data_finding(file, column->name, fmt::format("Column {}: {}", column->name, problem.text)));
  }
  for (const auto& chunk : map.chunks) {
    const auto column = std::ranges::find(columns, map.columns[chunk.column], &SourceColumn::in_file);
    if (column == columns.end() || damaged[chunk.column]) continue;
    auto page = damaged_page(chunk, info->size, read, checksums);
    if (!page) return fail(std::move(page.error()));
    if (!*page) continue;
    damaged[chunk.column] = true;
    findings.push_back(data_finding(
        file, column->name,
        fmt::format("Column {}: {}{}", column->name, (**page).text, (**page).too_large ? "" : kCopyAgain)));
  }
  return {};
}

Result<catalog::Findings> check_pages(const FileSource& source, const PinnedFiles& files, Checksums checksums,
                                      const std::function<bool()>& interrupted) {
  catalog::Findings findings;
  for (const auto& group : source.groups) {
    if (group.csv != nullptr) continue;
    for (const auto* file : group.files) {
      const auto* pinned = files.find(file->location);
      if (pinned == nullptr)
        return fail(ErrorCode::internal, "A data file cannot be checked.", file->location);
      switch (pinned->checks) {
        case PageChecks::in_advance: {
          const auto input = object_store::LocalInput::open(pinned->object);
          if (!input) return fail(input.error());
          if (auto done = check_pages_of(**input, *file, group.columns, checksums, interrupted, findings);
              !done)
            return fail(std::move(done.error()));
          break;
        }
        case PageChecks::impossible:
          findings.push_back(data_finding(*file, {}, malformed_footer_reason()));
          break;
        case PageChecks::on_arrival:
        case PageChecks::none:
          break;
      }
    }
  }
  return findings;
}

}  // namespace offloader::duckdb
