#include "duckdb_handle.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>

#include "csv_files.h"
#include "file_systems.h"
#include "nested_json.h"
#include "offloader/base/descriptor.h"
#include "row_hash.h"
#include "text_functions.h"

namespace offloader::duckdb {
namespace {

std::string quote(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    out.push_back(c);
    if (c == mark) out.push_back(mark);
  }
  out.push_back(mark);
  return out;
}

std::string literal_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ", ";
    out += quote_literal(text);
  }
  return out + "]";
}

// Returns true if the process can open a few more files. If DuckDB cannot open one while it opens an
// instance, the destructor of that instance throws and ends the process. Another thread may still take the
// last descriptors in between, so this only makes that unlikely.
bool has_descriptors() {
  std::array<Descriptor, 8> spare;
  for (Descriptor& descriptor : spare) {
    descriptor = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!descriptor.valid()) return false;
  }
  return true;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  return quote(name, '"');
}
std::string quote_literal(std::string_view text) {
  return quote(text, '\'');
}

Database::~Database() {
  duckdb_close(&database_);
}

bool Database::limit_memory(std::uint64_t bytes) const {
  return set_memory_limit(database_, bytes);
}

Result<Connection> Connection::open(std::shared_ptr<Database> database) {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database->get(), &connection) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "The engine failed.", "duckdb_connect failed");
  }
  return Connection(std::move(database), connection);
}

Connection::~Connection() {
  duckdb_disconnect(&connection_);
}

Result<QueryResult> query(Connection& connection, const std::string& sql) {
  QueryResult result;
  if (duckdb_query(connection.get(), sql.c_str(), result.get()) != DuckDBSuccess) return fail(result.error());
  return result;
}

Result<Statement> prepare(Connection& connection, const std::string& sql) {
  duckdb_prepared_statement raw = nullptr;
  const auto state = duckdb_prepare(connection.get(), sql.c_str(), &raw);
  Statement statement(raw);
  if (state != DuckDBSuccess) return fail(to_error(error_of(raw)));
  return statement;
}

Result<void> Connection::query(const std::string& sql) {
  auto result = duckdb::query(*this, sql);
  if (!result) return fail(std::move(result.error()));
  return {};
}

void Connection::interrupt() {
  duckdb_interrupt(connection_);
}

double Connection::progress() const {
  return duckdb_query_progress(connection_).percentage / 100;
}

Result<std::vector<std::vector<std::string>>> Connection::rows(const std::string& sql) {
  auto result = duckdb::query(*this, sql);
  if (!result) return fail(std::move(result.error()));
  const idx_t columns = duckdb_column_count(result->get());
  const idx_t count = duckdb_row_count(result->get());
  std::vector<std::vector<std::string>> out(count, std::vector<std::string>(columns));
  for (idx_t row = 0; row < count; ++row) {
    for (idx_t column = 0; column < columns; ++column) {
      char* text = duckdb_value_varchar(result->get(), column, row);
      if (text != nullptr) out[row][column] = text;
      duckdb_free(text);
    }
  }
  return out;
}

std::string duckdb_header_version() {
  return fmt::format("v{}.{}.{}", DUCKDB_API_VERSION_MAJOR, DUCKDB_API_VERSION_MINOR,
                     DUCKDB_API_VERSION_PATCH);
}

Result<std::shared_ptr<Database>> open_instance(const InstanceOptions& options) {
  if (::duckdb_library_version() != duckdb_header_version()) {
    return fail(
        ErrorCode::internal, "The engine failed.",
        fmt::format("libduckdb is {}, built for {}", ::duckdb_library_version(), duckdb_header_version()));
  }
  if (!has_descriptors()) {
    return fail(ErrorCode::busy, "The process has no descriptors left. Raise its limit on open files.",
                "cannot open an instance of DuckDB");
  }
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "The engine failed.", "duckdb_create_config failed");
  }
  const auto set = [&](const char* name, const std::string& value) {
    return duckdb_set_config(config, name, value.c_str()) == DuckDBSuccess;
  };
  bool good = set("autoinstall_known_extensions", "false") && set("autoload_known_extensions", "false") &&
              set("threads", std::to_string(options.threads)) && set("allow_unsigned_extensions", "false");
  if (options.memory_limit > 0) good = good && set("memory_limit", fmt::format("{}B", options.memory_limit));
  duckdb_database raw = nullptr;
  char* text = nullptr;
  const bool opened = good && duckdb_open_ext(":memory:", &raw, config, &text) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  if (!opened) {
    std::string detail = text != nullptr ? text : "a configuration option was refused";
    duckdb_free(text);
    return fail(ErrorCode::internal, "The engine failed.", std::move(detail));
  }
  auto database = std::make_shared<Database>(raw);
  if (options.pinned) {
    if (auto done = register_pinned_files(raw, options.pinned, options.watch, options.waits); !done)
      return fail(done.error());
  }
  std::vector<std::string> allowed_paths = options.allowed_paths;
  if (options.csv) {
    if (auto done = register_csv_files(raw, options.csv); !done) return fail(done.error());
    const auto paths = options.csv->paths();
    allowed_paths.insert(allowed_paths.end(), paths.begin(), paths.end());
  }
  auto connection = Connection::open(database);
  if (!connection) return fail(std::move(connection.error()));
  if (auto registered = register_text_functions(connection->get()); !registered)
    return fail(registered.error());
  if (auto registered = register_row_hash(connection->get()); !registered) return fail(registered.error());
  if (auto registered = register_nested_json(connection->get()); !registered) return fail(registered.error());

  std::vector<std::string> statements{"SET GLOBAL TimeZone = 'UTC'", kDivision};
  if (options.serving) statements.emplace_back("SET GLOBAL disabled_optimizers = 'late_materialization'");
  if (!options.temp_directory.empty()) {
    statements.push_back("SET GLOBAL temp_directory = " + quote_literal(options.temp_directory.string()));
    // Spilling may take a few times the memory. Beyond that, a query is too big for the machine.
    const std::uint64_t spill = options.spill_limit > 0 ? options.spill_limit : options.memory_limit * 16;
    if (spill > 0) statements.push_back(fmt::format("SET GLOBAL max_temp_directory_size = '{}B'", spill));
  } else {
    statements.emplace_back("SET GLOBAL temp_directory = ''");
  }
  if (!options.keep_remote_bytes) statements.emplace_back("SET GLOBAL enable_external_file_cache = false");
  statements.push_back("SET GLOBAL allowed_paths = " + literal_list(allowed_paths));
  statements.push_back("SET GLOBAL allowed_directories = " + literal_list(options.allowed_directories));
  statements.emplace_back("SET GLOBAL enable_external_access = false");
  statements.insert(statements.end(), options.setup.begin(), options.setup.end());
  statements.emplace_back("SET GLOBAL lock_configuration = true");
  for (const auto& statement : statements) {
    if (auto done = connection->query(statement); !done) return fail(std::move(done.error()));
  }
  return database;
}

}  // namespace offloader::duckdb
