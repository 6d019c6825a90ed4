#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::app {

// A project whose answers show by themselves whether they come from one snapshot and one contract. Every row
// of snapshot s7 contains 7, and the number of rows depends on the snapshot. A dataset has two contracts:
// version 1 returns `value`, version 2 returns `label`. Half of the rows belong to the tenant `north`, half
// to `south`. Each dataset `d0`, `d1`, … has the endpoints `{id}_page`, which is cached, and `{id}_sums`,
// which is not.
class NumberedProject {
 public:
  // Each dataset starts with snapshot 1 of about `rows` rows.
  NumberedProject(std::filesystem::path root, std::size_t datasets, std::int64_t rows);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::size_t datasets() const { return datasets_.size(); }
  static std::string id(std::size_t dataset) { return "d" + std::to_string(dataset); }
  [[nodiscard]] std::uint64_t newest(std::size_t dataset) const { return datasets_[dataset].newest; }
  [[nodiscard]] int contract(std::size_t dataset) const { return datasets_[dataset].contract; }

  // Publishes the dataset's next snapshot as a producer does: the data, then the manifest by rename. Removes
  // the data of all but the last two. Returns the snapshot's number.
  std::uint64_t publish(std::size_t dataset);
  // Like publish(), but the manifest promises one row more than there is.
  void publish_unsound(std::size_t dataset);
  // Changes the number of rows from the next snapshot on.
  void resize(std::size_t dataset, std::int64_t rows) { datasets_[dataset].rows = rows; }
  // Writes the dataset's other contract (1 or 2) to the project.
  void change_contract(std::size_t dataset);
  // Writes an invalid revision, until the next change_contract() or restore().
  void spoil(std::size_t dataset);
  void restore(std::size_t dataset);
  // Adds or removes the dataset `extra` with the endpoint `extra_page`.
  void add_extra();
  void remove_extra();
  // Adds or removes a key that may read everything.
  void add_key();
  void remove_key();

  [[nodiscard]] static std::string token(std::string_view tenant) {
    return "offl_test_" + std::string(tenant);
  }
  static constexpr std::string_view kExtraKey = "guest";  // the token is token(kExtraKey), the tenant north

  // The n-th request of any number of readers, and the check of its answer. Requests are spread over all
  // datasets, both endpoints and both tenants. Requires: datasets have less than 200 rows.
  [[nodiscard]] std::string request(std::uint64_t n) const;
  [[nodiscard]] std::optional<std::string> judge(std::uint64_t n, int status, std::string_view body) const;

  // The snapshot and the contract version of an answer.
  struct Seen {
    std::uint64_t snapshot = 0;
    int version = 0;
  };
  [[nodiscard]] static std::optional<Seen> seen(std::string_view body);

 private:
  struct Dataset {
    std::int64_t rows = 0;
    std::uint64_t newest = 0;
    int contract = 1;
  };
  struct Asked {
    std::size_t dataset;
    bool page;
    std::string tenant;
  };
  [[nodiscard]] Asked asked(std::uint64_t n) const;
  void write_dataset(std::size_t dataset) const;
  void write_snapshot(std::size_t dataset, std::int64_t promised_more);
  void write_keys() const;

  std::filesystem::path root_;
  std::vector<Dataset> datasets_;
  bool extra_ = false;
  bool extra_key_ = false;
};

}  // namespace offloader::app
