#include "answer_feed.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "answer_chunk.h"
#include "offloader/query/plan.h"

namespace offloader::duckdb {
namespace {

constexpr const char* kFunction = "offloader_answer";

struct TableFunctionDeleter {
  void operator()(duckdb_table_function function) const { duckdb_destroy_table_function(&function); }
};
using TableFunction = std::unique_ptr<_duckdb_table_function, TableFunctionDeleter>;

}  // namespace

AnswerFeed::AnswerFeed(const rows::Columns& columns) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    names_.push_back(columns.name(c));
    types_.push_back(query::result_type(columns.projection(c)));
  }
}

Result<void> AnswerFeed::register_function(duckdb_connection connection) {
  const TableFunction function(duckdb_create_table_function());
  const LogicalType address(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  duckdb_table_function_set_name(function.get(), kFunction);
  duckdb_table_function_add_parameter(function.get(), address.get());
  duckdb_table_function_set_bind(function.get(), &AnswerFeed::bind);
  duckdb_table_function_set_init(function.get(), &AnswerFeed::init);
  duckdb_table_function_set_function(function.get(), &AnswerFeed::pull);
  if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess)
    return fail(ErrorCode::internal, "The engine failed.", "cannot register a table function");
  return {};
}

std::string AnswerFeed::source() const {
  return fmt::format("{}({}::UBIGINT)", kFunction, reinterpret_cast<std::uintptr_t>(this));
}

Result<bool> AnswerFeed::put(const rows::Batch& batch) {
  if (batch.rows == 0) return true;  // an empty chunk would end the table
  auto chunk = chunk_of(batch, types_);
  if (!chunk) return fail(std::move(chunk.error()));
  const MutexLock lock(mutex_);
  changed_.wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) { return !waiting_ || state_ != State::open; });
  if (state_ != State::open) return false;
  waiting_ = std::move(*chunk);
  changed_.notify_all();
  return true;
}

void AnswerFeed::end() {
  change(State::ended);
}
void AnswerFeed::abandon() {
  change(State::abandoned);
}
void AnswerFeed::close() {
  change(State::closed);
}

void AnswerFeed::change(State state) {
  const MutexLock lock(mutex_);
  state_ = state;
  changed_.notify_all();
}

void AnswerFeed::bind(duckdb_bind_info info) {
  const DuckdbValue address(duckdb_bind_get_parameter(info, 0));
  auto* const feed =
      reinterpret_cast<AnswerFeed*>(static_cast<std::uintptr_t>(duckdb_get_uint64(address.get())));
  for (std::size_t c = 0; c < feed->types_.size(); ++c)
    duckdb_bind_add_result_column(info, feed->names_[c].c_str(), answer_type(feed->types_[c]).get());
  duckdb_bind_set_bind_data(info, feed, nullptr);  // the writer owns it
}

// One thread reads the table, so its rows keep their order.
void AnswerFeed::init(duckdb_init_info info) {
  duckdb_init_set_max_threads(info, 1);
}

void AnswerFeed::pull(duckdb_function_info info, duckdb_data_chunk output) {
  AnswerFeed& feed = *static_cast<AnswerFeed*>(duckdb_function_get_bind_data(info));
  DataChunk chunk;
  {
    const MutexLock lock(feed.mutex_);
    feed.changed_.wait(feed.mutex_, [&]() OFFLOADER_REQUIRES(feed.mutex_) {
      return feed.waiting_ || feed.state_ != State::open;
    });
    if (feed.state_ == State::abandoned) return duckdb_function_set_error(info, "the answer was given up");
    chunk = std::move(feed.waiting_);
    feed.changed_.notify_all();
  }
  const idx_t rows = chunk ? duckdb_data_chunk_get_size(chunk.get()) : 0;
  if (rows > 0) {
    // The output shares the buffers of the chunk, and so keeps them.
    for (std::size_t c = 0; c < feed.types_.size(); ++c)
      duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(output, c),
                                     duckdb_data_chunk_get_vector(chunk.get(), c));
  }
  duckdb_data_chunk_set_size(output, rows);
}

}  // namespace offloader::duckdb
