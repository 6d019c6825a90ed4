#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "offloader/executor/testing/conformance.h"
#include "offloader/executor/testing/json_rows.h"

namespace offloader::executor::testing {

// An executor in a folder of its own, with data files beside it. One thread at a time.
struct Scene {
  explicit Scene(const Subject& its_subject);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  // Replaces the executor by a new one over the same folder, as a restart does.
  void reopen();

  // Returns a request to load CSV text as a snapshot of `dataset`.
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
  // A plan for all rows of `dataset`, ordered by `id`.
  [[nodiscard]] query::Plan everything() const;
  [[nodiscard]] Result<JsonRows> run(query::Plan plan, SnapshotPtr snapshot,
                                     std::shared_ptr<CancelFlag> cancel = nullptr) const;

  const Subject& subject;
  std::filesystem::path root;
  catalog::Dataset dataset;  // id BIGINT, name VARCHAR
  std::unique_ptr<Executor> executor;
};

// Register the tests, by subject.
void register_lifecycle(const Subject& subject);
void register_rows(const Subject& subject);
void register_random_plans(const Subject& subject);

// Registers one test in the subject's suite.
void register_test(const Subject& subject, const char* name, void (*body)(Scene&));

}  // namespace offloader::executor::testing
