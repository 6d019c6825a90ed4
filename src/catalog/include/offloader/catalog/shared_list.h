#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace offloader::catalog {

// A list whose copies share immutable items: a dataset's schema is one list for its endpoints, their plans
// and every generation. Copying only counts a reference; comparing copies of one list does not look at the
// items. Any thread may read; modifying one object is not thread-safe.
template <typename T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() = default;
  SharedList(std::vector<T> items)
      : items_(items.empty() ? nullptr : std::make_shared<std::vector<T>>(std::move(items))) {}
  SharedList(std::initializer_list<T> items) : SharedList(std::vector<T>(items)) {}

  [[nodiscard]] const std::vector<T>& items() const { return items_ ? *items_ : none(); }
  operator const std::vector<T>&() const { return items(); }

  [[nodiscard]] std::size_t size() const { return items_ ? items_->size() : 0; }
  [[nodiscard]] bool empty() const { return items_ == nullptr; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return (*items_)[i]; }
  [[nodiscard]] const T* data() const { return items().data(); }
  [[nodiscard]] const_iterator begin() const { return items().begin(); }
  [[nodiscard]] const_iterator end() const { return items().end(); }

  // Appends an item. Earlier copies do not change.
  void push_back(T item) {
    if (items_ == nullptr || items_.use_count() > 1) items_ = std::make_shared<std::vector<T>>(items());
    items_->push_back(std::move(item));
  }

  // Returns whether both are copies of one list, and so equal without comparing items.
  [[nodiscard]] bool shares_with(const SharedList& other) const { return items_ == other.items_; }
  friend bool operator==(const SharedList& a, const SharedList& b) {
    return a.shares_with(b) || a.items() == b.items();
  }

 private:
  static const std::vector<T>& none() {
    static const std::vector<T> empty;
    return empty;
  }

  std::shared_ptr<std::vector<T>> items_;  // null when empty
};

}  // namespace offloader::catalog
