#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::app {

// A project in which every answer tells by itself whether it is one snapshot's under one contract. Snapshot
// s7 has 7 in every row, and as many rows as its number says; of the two contracts that a dataset can have,
// one shows `value` and is version 1, the other shows `label` and is version 2. Half of the rows are of the
// tenant `north`, half of `south`. Each dataset `d0`, `d1`, … has the endpoints `{id}_page`, cached, and
// `{id}_sums`, not.
class NumberedProject {
 public:
  // Each dataset starts with snapshot 1, of about `rows` rows.
  NumberedProject(std::filesystem::path root, std::size_t datasets, std::int64_t rows);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::size_t datasets() const { return datasets_.size(); }
  static std::string id(std::size_t dataset) { return "d" + std::to_string(dataset); }
  [[nodiscard]] std::uint64_t newest(std::size_t dataset) const { return datasets_[dataset].newest; }
  [[nodiscard]] int contract(std::size_t dataset) const { return datasets_[dataset].contract; }

  // Puts the dataset's next snapshot in place as a producer does: data first, then the manifest, by rename.
  // Those before the last two lose their data. Returns its number.
  std::uint64_t publish(std::size_t dataset);
  // As publish(), but the manifest promises a row more than there is.
  void publish_unsound(std::size_t dataset);
  // Another size from the next snapshot on.
  void resize(std::size_t dataset, std::int64_t rows) { datasets_[dataset].rows = rows; }
  // Writes the other contract, 1 or 2, into the project.
  void change_contract(std::size_t dataset);
  // Writes a revision that does not validate, until the next change_contract() or restore().
  void spoil(std::size_t dataset);
  void restore(std::size_t dataset);
  // A dataset more, called `extra`, with the endpoint `extra_page`; or without it again.
  void add_extra();
  void remove_extra();
  // A key more that may read everything, or without it again.
  void add_key();
  void remove_key();

  [[nodiscard]] static std::string token(std::string_view tenant) {
    return "offl_test_" + std::string(tenant);
  }
  static constexpr std::string_view kExtraKey = "guest";  // its token is token(kExtraKey), its tenant north

  // Request and judgement for the n-th of any number of readers' requests, spread over all datasets, both
  // endpoints and both tenants. Only for datasets of less than 200 rows.
  [[nodiscard]] std::string request(std::uint64_t n) const;
  [[nodiscard]] std::optional<std::string> judge(std::uint64_t n, int status, std::string_view body) const;

  // Which snapshot an answer is of, and under which version of the contract.
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
