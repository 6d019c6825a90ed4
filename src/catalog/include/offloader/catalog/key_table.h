#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/key.h"

namespace offloader::catalog {

// The endpoints that a key may call. Keys with equal ones share them.
struct KeyGrants {
  std::vector<std::string> endpoints;
  bool every_endpoint = false;

  friend auto operator<=>(const KeyGrants&, const KeyGrants&) = default;
};

// A key inside a KeyTable. Its views are valid as long as a copy of the table exists.
struct KeyView {
  std::string_view id;
  const Sha256* hash = nullptr;           // null: the key is a certificate
  const Sha256* previous_hash = nullptr;  // null: there is none
  std::optional<std::string_view> tenant{};
  std::size_t grants = 0;  // index in KeyTable::grants()
  bool active = true;
  std::string_view description{};
  std::string_view certificate_san{};
  Lifetime lifetime{};
  std::span<const Cidr> allowed_cidrs{};
  const SharedLimits* limits = nullptr;  // null: none
  int line = 0;
};

// The keys of a catalog in about 60 bytes a key and its texts, 110 with every optional field. Copies share
// the immutable keys. Any thread may read.
class KeyTable {
 public:
  class Builder;
  class Iterator;

  KeyTable();
  explicit KeyTable(std::span<const Key> keys);
  KeyTable(std::initializer_list<Key> keys);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  // Requires: index < size().
  [[nodiscard]] KeyView view(std::size_t index) const;
  [[nodiscard]] Key operator[](std::size_t index) const;
  [[nodiscard]] const std::vector<KeyGrants>& grants() const;
  [[nodiscard]] std::size_t bytes() const;  // of memory

  // Iterates over KeyViews, in the order of the file.
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

  friend bool operator==(const KeyTable& a, const KeyTable& b);

 private:
  struct Data;
  explicit KeyTable(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;  // never null
};

class KeyTable::Iterator {
 public:
  using value_type = KeyView;
  using difference_type = std::ptrdiff_t;
  using reference = KeyView;
  using pointer = void;
  using iterator_category = std::input_iterator_tag;

  Iterator() = default;
  Iterator(const KeyTable& table, std::size_t index) : table_(&table), index_(index) {}

  KeyView operator*() const { return table_->view(index_); }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

 private:
  const KeyTable* table_ = nullptr;
  std::size_t index_ = 0;
};

// Collects keys. Not thread-safe.
class KeyTable::Builder {
 public:
  Builder();
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  // Requires: all texts together have less than 4 GiB.
  void add(const Key& key);
  // Returns the table. Leaves the builder empty.
  [[nodiscard]] KeyTable take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace offloader::catalog
