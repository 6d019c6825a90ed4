#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "offloader/query/params.h"

namespace offloader::query {

// One text per declared param. Allocates only for endpoints with more than 24 params.
class Slots {
 public:
  explicit Slots(std::size_t size) : size_(size) {
    if (size > inline_.size()) heap_.resize(size);
  }
  const std::string*& operator[](std::size_t i) { return size_ > inline_.size() ? heap_[i] : inline_[i]; }

 private:
  std::size_t size_;
  std::array<const std::string*, 24> inline_{};
  std::vector<const std::string*> heap_;
};

// A list param that was sent, or its default.
struct SentList {
  std::size_t param = 0;
  std::vector<const SentParam*> sent{};  // in the order sent
  std::vector<std::string> values{};     // once they are checked
};

// The params of a request, sorted out by where they belong. Points into the request's params.
struct SentValues {
  explicit SentValues(std::size_t params) : values(params) {}

  SentList& list(std::size_t param) {
    for (SentList& each : lists) {
      if (each.param == param) return each;
    }
    return lists.emplace_back(SentList{.param = param});
  }

  Slots values;  // null: not sent, or not usable; of a list any text
  std::vector<SentList> lists{};
  std::vector<std::string> dates{};  // the texts of relative defaults
  std::size_t sent = 0;
  const std::string* limit = nullptr;
  const std::string* offset = nullptr;
  const std::string* cursor = nullptr;
  const std::string* format = nullptr;
  // In the order sent; empty: not sent.
  std::vector<const SentParam*> columns{};
  std::vector<const SentParam*> by{};
  std::vector<const SentParam*> sort{};
  std::vector<const SentParam*> totals{};
};

}  // namespace offloader::query
