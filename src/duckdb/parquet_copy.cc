#include "parquet_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "answer_chunk.h"
#include "offloader/duckdb/error.h"

namespace offloader::duckdb {
namespace {

// The error of an answer whose file could not be written.
Error of_answer(Error error) {
  if (!is_out_of_memory(error) || error.code == ErrorCode::no_space) return error;
  return answer_refused(std::move(error.detail));
}

}  // namespace

ParquetCopy::ParquetCopy(std::shared_ptr<ParquetInstance> instance, const rows::Columns& columns,
                         Connection connection)
    : instance_(std::move(instance)),
      file_(instance_->new_file()),
      feed_(columns),
      connection_(std::move(connection)) {}

Result<std::unique_ptr<ParquetCopy>> ParquetCopy::start(std::shared_ptr<ParquetInstance> instance,
                                                        const rows::Columns& columns) {
  auto connection = instance->connect();
  if (!connection) return fail(std::move(connection.error()));
  std::unique_ptr<ParquetCopy> copy(new ParquetCopy(std::move(instance), columns, std::move(*connection)));
  if (auto started = copy->thread_.start({.name = "parquet"}, [copy = copy.get()] { copy->run(); }); !started)
    return fail(std::move(started.error()));
  return copy;
}

ParquetCopy::~ParquetCopy() {
  feed_.abandon();
  thread_.join();
  ::unlink(file_.c_str());  // DuckDB removes what it failed to write, unless it could not
}

void ParquetCopy::run() {
  // Whatever happens, write() must not wait for a statement that has ended.
  struct Closer {
    AnswerFeed& feed;
    ~Closer() { feed.close(); }
  } const closer{feed_};
  outcome_ = fail(ErrorCode::internal, "The engine failed.", "the thread of COPY ended early");
  outcome_ = connection_.query(instance_->copy_sql(feed_.source(), file_));
}

Result<void> ParquetCopy::write(const rows::Batch& batch) {
  const auto taken = feed_.put(batch);
  if (!taken) return fail(taken.error());
  if (*taken) return {};
  // The statement ends before the table does only if it fails.
  if (auto ended = outcome(); !ended) return ended;
  return fail(ErrorCode::internal, "The engine failed.", "COPY ended before the answer");
}

Result<Descriptor> ParquetCopy::finish() {
  feed_.end();
  if (auto ended = outcome(); !ended) return fail(std::move(ended.error()));
  Descriptor file(::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  const int number = errno;
  ::unlink(file_.c_str());
  if (file.valid()) return file;
  return fail(ErrorCode::internal, "The answer cannot be read.",
              fmt::format("open {}: {}", file_.string(), std::generic_category().message(number)));
}

Result<void> ParquetCopy::outcome() {
  thread_.join();
  if (outcome_) return {};
  instance_->report(outcome_.error());
  return fail(of_answer(outcome_.error()));
}

}  // namespace offloader::duckdb
