#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "offloader/executor/testing/conformance.h"
#include "offloader/executor/testing/json_rows.h"

namespace offloader::executor::testing {

// An executor over a folder of its own, and files beside it.
struct Scene {
  explicit Scene(const Subject& its_subject);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  // The next start over what the last one left.
  void reopen();

  // A load of CSV text in the contract of `dataset`, under a name.
  [[nodiscard]] Materialization load(const std::string& name, const std::string& csv,
                                     std::optional<std::int64_t> rows = std::nullopt);
  [[nodiscard]] tl::expected<Materialized, Refused> materialize(const std::string& name,
                                                                const std::string& csv) {
    return executor->materialize(load(name, csv));
  }
  [[nodiscard]] Result<SnapshotPtr> attach(const Materialized& made) const {
    return executor->attach(stored(made), dataset);
  }
  [[nodiscard]] static Stored stored(const Materialized& made) {
    return {made.handle, made.bytes, made.fingerprint, made.checksum, made.layout};
  }
  [[nodiscard]] std::vector<Found> recover(const std::vector<Stored>& known) const {
    return executor->recover(dataset.id, known);
  }
  // All rows of a snapshot of `dataset`, as JSON, ordered by `id`.
  [[nodiscard]] query::Plan everything() const;
  [[nodiscard]] Result<JsonRows> run(query::Plan plan, SnapshotPtr snapshot,
                                     std::shared_ptr<CancelFlag> cancel = nullptr) const;

  const Subject& subject;
  std::filesystem::path root;
  catalog::Dataset dataset;  // id BIGINT, name VARCHAR
  std::unique_ptr<Executor> executor;
};

// The tests, by what they are about.
void register_lifecycle(const Subject& subject);
void register_rows(const Subject& subject);
void register_random_plans(const Subject& subject);

// Registers one test of the subject's suite.
void register_test(const Subject& subject, const char* name, void (*body)(Scene&));

}  // namespace offloader::executor::testing
