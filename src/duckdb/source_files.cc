#include "offloader/duckdb/source_files.h"

#include <fmt/format.h>

#include "csv_files.h"
#include "csv_load.h"
#include "file_source.h"
#include "parquet_local_pages.h"
#include "parquet_source.h"
#include "pinned_files.h"

namespace offloader::duckdb {
namespace {

tl::unexpected<executor::Refused> failed(Error error) {
  return tl::unexpected(executor::Refused{std::move(error), {}});
}

FileSource::Use use_of(SourceFiles::Use use) {
  return use == SourceFiles::Use::load ? FileSource::Use::load : FileSource::Use::scan;
}

}  // namespace

struct SourceFiles::Opened {
  const executor::Source& source;
  FileAccess access;
  std::shared_ptr<const PinnedFiles> pinned;
  std::shared_ptr<CsvFiles> csv;
  FileSource found{};
};

SourceFiles::SourceFiles(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
SourceFiles::SourceFiles(SourceFiles&&) noexcept = default;
SourceFiles::~SourceFiles() = default;

tl::expected<SourceFiles, executor::Refused> SourceFiles::open(const executor::Source& source,
                                                               FileAccess access) {
  auto pinned = PinnedFiles::open(access.store, source.files, {source.policy, access.cancel, access.opening},
                                  {.deadline = access.deadline,
                                   .least_rate = access.least_rate,
                                   .local = true,
                                   .helpers = access.helpers,
                                   .waits = access.reading});
  if (!pinned) return tl::unexpected(std::move(pinned.error()));
  auto csv = CsvFiles::of(*pinned, (*pinned)->files(), source.manifest.csv, access.watch, access.reading);
  return SourceFiles(
      std::make_unique<Opened>(Opened{source, std::move(access), std::move(*pinned), std::move(csv)}));
}

bool SourceFiles::any_remote() const {
  return opened_->pinned->any_remote();
}

std::string SourceFiles::fingerprint() const {
  return opened_->pinned->fingerprint();
}

void SourceFiles::expose_to(InstanceOptions& options) const {
  options.allowed_paths = paths_of(opened_->csv->files());
  options.csv = opened_->csv;
  options.pinned = opened_->pinned;
  options.watch = opened_->access.watch;
  options.waits = opened_->access.reading;
}

std::function<bool()> SourceFiles::interrupted() const {
  return [cancel = opened_->access.cancel] { return cancel != nullptr && cancel->cancelled(); };
}

tl::expected<void, executor::Refused> SourceFiles::inspect(Connection& connection,
                                                           const catalog::Dataset& dataset, Use use) {
  auto found = inspect_files(connection, dataset, opened_->source.manifest, *opened_->csv, interrupted());
  if (!found) return tl::unexpected(std::move(found.error()));
  opened_->found = std::move(*found);
  // Only a load reads all values anyway, so that their checksums take no further time.
  auto damaged = check_pages(opened_->found, *opened_->pinned,
                             use == Use::load ? Checksums::verify : Checksums::ignore, interrupted());
  if (!damaged) return failed(std::move(damaged.error()));
  if (!damaged->empty()) {
    return tl::unexpected(executor::Refused{{ErrorCode::rejected, "The snapshot's data was rejected.", {}},
                                            std::move(*damaged)});
  }
  if (use == Use::scan) return check_date_bounds(connection, opened_->found);
  return {};
}

const catalog::Findings& SourceFiles::warnings() const {
  return opened_->found.warnings;
}

std::string SourceFiles::select(Use use) const {
  return opened_->found.select(use_of(use));
}

tl::expected<std::int64_t, executor::Refused> SourceFiles::read(
    Connection& connection, const std::function<Result<std::int64_t>()>& read) {
  return read_with_csv(*opened_->csv, opened_->found, connection, interrupted(), read);
}

tl::expected<std::int64_t, executor::Refused> SourceFiles::count(Connection& connection) {
  const auto rows = read(connection, [&]() -> Result<std::int64_t> {
    std::int64_t sum = 0;
    for (const auto& group : opened_->found.groups) {
      auto count = connection.rows("SELECT count(*) FROM " + reader_of(group));
      if (!count) return fail(std::move(count.error()));
      sum += std::stoll((*count)[0][0]);
    }
    return sum;
  });
  if (!rows) return rows;
  if (auto checked = check_counts(connection, *rows); !checked)
    return tl::unexpected(std::move(checked.error()));
  return rows;
}

tl::expected<void, executor::Refused> SourceFiles::check_counts(Connection& connection,
                                                                std::int64_t rows) const {
  auto findings = check_csv_counts(connection, opened_->found, rows);
  if (!findings) return failed(std::move(findings.error()));
  const auto& declared = opened_->source.manifest.row_count;
  if (declared && *declared != rows) {
    catalog::Finding finding;
    finding.path = "row_count";
    finding.code = "row_count_mismatch";
    finding.message = fmt::format("The files have {} rows, but the manifest declares {}.", rows, *declared);
    findings->insert(findings->begin(), std::move(finding));
  }
  if (findings->empty()) return {};
  return tl::unexpected(
      executor::Refused{{ErrorCode::rejected, "The snapshot's number of rows differs from the manifest.", {}},
                        std::move(*findings)});
}

}  // namespace offloader::duckdb
