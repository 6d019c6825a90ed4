#include "parquet_local_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "offloader/object_store/local_input.h"
#include "parquet_pages.h"
#include "parquet_refusal.h"

namespace offloader::engine {
namespace {

constexpr std::string_view kCopyAgain = " The file is damaged: copy or export it again.";

Result<void> check_file(const PinnedFile& pinned, const manifest::ResolvedFile& file,
                        const std::vector<SourceColumn>& columns, const std::function<bool()>& interrupted,
                        catalog::Findings& findings) {
  const auto local = object_store::LocalInput::open(pinned.object);
  if (!local) return fail(local.error());
  const auto read = [&](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
    if (interrupted && interrupted()) return fail(ErrorCode::cancelled, "The build was cancelled.");
    return (*local)->read(offset, buffer, length);
  };
  const auto map = page_map_of(pinned.object.size, read);
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
    auto page = damaged_page(chunk, pinned.object.size, read);
    if (!page) return fail(std::move(page.error()));
    if (!*page) continue;
    damaged[chunk.column] = true;
    findings.push_back(data_finding(
        file, column->name,
        fmt::format("Column {}: {}{}", column->name, (**page).text, (**page).too_large ? "" : kCopyAgain)));
  }
  return {};
}

}  // namespace

Result<catalog::Findings> check_local_pages(const FileSource& source, const PinnedFiles& files,
                                            const std::function<bool()>& interrupted) {
  catalog::Findings findings;
  for (const auto& group : source.groups) {
    if (group.csv != nullptr) continue;
    for (const auto* file : group.files) {
      const auto* pinned = files.find(file->location);
      if (pinned == nullptr || !pinned->local) continue;
      if (auto done = check_file(*pinned, *file, group.columns, interrupted, findings); !done) {
        return fail(std::move(done.error()));
      }
    }
  }
  return findings;
}

}  // namespace offloader::engine
