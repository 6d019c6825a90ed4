#include "serving_instance.h"

#include <fmt/format.h>

#include "offloader/duckdb/error.h"
#include "offloader/duckdb/table_stream.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using catalog::SizedType;

// Whether attaching may succeed later. It will not if the file is missing (`unavailable`).
bool may_pass(const Error& error) {
  return error.code == ErrorCode::busy ||
         (duckdb::is_machinery(error) && error.code != ErrorCode::unavailable);
}

// Converts an error of attaching. A `corrupt` file is rebuilt, so errors of the machine must not become
// `corrupt`.
tl::unexpected<Error> refused(Error error) {
  if (error.code == ErrorCode::no_space) return fail(std::move(error));
  if (duckdb::is_fatal(error))
    return fail(ErrorCode::unavailable, "The engine is being rebuilt.", error.detail);
  if (may_pass(error)) return fail(std::move(error));
  return fail(ErrorCode::corrupt, "The snapshot's file is damaged or does not match the contract.",
              std::move(error.detail));
}

std::string attach_sql(std::uint64_t id, const SnapshotFiles& files) {
  return fmt::format("ATTACH {} AS s{} (READ_ONLY)", duckdb::quote_literal(files.database().string()), id);
}

// Returns the stored type of a column: the contract's, or a wider numeric type, which a manifest may declare.
// nullopt for any other type. The tenant column must have the contract's type.
std::optional<SizedType> stored_type(const SizedType& contract, bool tenant, const std::string& stored) {
  if (stored == duckdb::sql_type(contract)) return contract;
  if (tenant) return std::nullopt;
  const bool exact =
      contract == ColumnType::integer || contract == ColumnType::bigint || contract == ColumnType::decimal;
  const auto decimal = catalog::parse_column_type(stored);
  if (exact && decimal && *decimal == ColumnType::decimal && decimal->size.scale >= contract.size.scale)
    return decimal;
  if (contract == ColumnType::integer && stored == "BIGINT") return ColumnType::bigint;
  if ((contract == ColumnType::integer || contract == ColumnType::bigint) && stored == "DOUBLE") {
    return ColumnType::float64;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ServingInstance>> ServingInstance::open(duckdb::InstanceOptions options) {
  std::unique_ptr<ServingInstance> instance(new ServingInstance(std::move(options)));
  const MutexLock lock(instance->control_mutex_);
  if (auto started = instance->start(); !started) return fail(std::move(started.error()));
  return instance;
}

Result<void> ServingInstance::start() {
  auto database = duckdb::open_instance(options_);
  if (!database) return fail(std::move(database.error()));
  auto control = duckdb::Connection::open(*database);
  if (!control) return fail(std::move(control.error()));
  database_ = std::move(*database);
  control_.emplace(std::move(*control));
  return {};
}

Result<ServingInstance::Attached> ServingInstance::attach(std::uint64_t id, const SnapshotFiles& files,
                                                          const catalog::Dataset& dataset) {
  const MutexLock lock(control_mutex_);
  if (!control_) return fail(ErrorCode::unavailable, "The engine is being rebuilt.");
  if (auto done = control_->query(attach_sql(id, files)); !done) return refused(std::move(done.error()));
  auto checked = check(id, dataset);
  if (!checked) {
    static_cast<void>(control_->query(fmt::format("DETACH s{}", id)));
    return refused(std::move(checked.error()));
  }
  attached_.emplace(id, files);
  return checked;
}

void ServingInstance::detach(std::uint64_t id) {
  const MutexLock lock(control_mutex_);
  attached_.erase(id);
  if (control_) static_cast<void>(control_->query(fmt::format("DETACH s{}", id)));
}

Result<void> ServingInstance::rebuild() {
  const MutexLock lock(control_mutex_);
  control_.reset();
  database_.reset();
  if (auto started = start(); !started) return started;
  for (const auto& [id, files] : attached_) {
    auto done = control_->query(attach_sql(id, files));
    if (done || !may_pass(done.error())) continue;
    // Leaving this file out would make its queries fail with `corrupt`, and an intact file would be rebuilt.
    control_.reset();
    database_.reset();
    return fail(std::move(done.error()));
  }
  return {};
}

std::shared_ptr<duckdb::Database> ServingInstance::database() const {
  const MutexLock lock(control_mutex_);
  return database_;
}

std::string ServingInstance::source_of(std::uint64_t id) {
  return fmt::format("s{}.main.rows", id);
}

Result<ServingInstance::Attached> ServingInstance::check(std::uint64_t id, const catalog::Dataset& dataset) {
  auto columns = control_->rows(
      fmt::format("SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 's{}' AND "
                  "table_name = 'rows' ORDER BY column_index",
                  id));
  if (!columns) return fail(std::move(columns.error()));
  Attached attached;
  bool same = columns->size() == dataset.schema.size();
  for (std::size_t i = 0; same && i < columns->size(); ++i) {
    const auto type = stored_type(dataset.schema[i].type, dataset.tenant_column == i, (*columns)[i][1]);
    same = type && (*columns)[i][0] == dataset.schema[i].name;
    if (same) attached.types.push_back(*type);
  }
  if (!same)
    return fail(ErrorCode::corrupt, "", "the columns of the table differ from those of the contract");
  auto facts = control_->rows(fmt::format(
      "SELECT row_count, fingerprint, (SELECT count(*) FROM s{0}.main.rows) FROM s{0}.main.facts", id));
  if (!facts) return fail(std::move(facts.error()));
  if (facts->size() != 1 || (*facts)[0][0] != (*facts)[0][2]) {
    return fail(ErrorCode::corrupt, "", "the rows of the table differ from those that were built");
  }
  attached.rows = std::stoll((*facts)[0][0]);
  attached.fingerprint = (*facts)[0][1];
  return attached;
}

}  // namespace offloader::local_executor
