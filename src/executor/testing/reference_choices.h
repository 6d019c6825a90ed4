#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

// What a request chose. Indices of selects.
struct Choices {
  std::vector<std::size_t> group{};                  // in the order given
  std::vector<std::pair<std::size_t, bool>> sort{};  // whether descending; empty: the contract's order
  bool rows = false;
  bool grand = false;
};

// Returns the select of this name.
[[nodiscard]] std::optional<std::size_t> select_named(const Endpoint& endpoint, const std::string& name);

// Whether the endpoint has the list param.
[[nodiscard]] bool offers(const Endpoint& endpoint, const std::string& param);

// Reads the list params that were sent, split into values; nullopt if one is invalid.
[[nodiscard]] std::optional<Choices> read_choices(
    const Endpoint& endpoint, const std::map<std::string, std::vector<std::string>>& sent);

// Whether the answer has the select.
[[nodiscard]] bool has_select(const Endpoint& endpoint, const Choices& choices, std::size_t select);

// The order of the answer: every select that it has, JSON columns last.
[[nodiscard]] std::vector<std::pair<std::size_t, bool>> order_of(const Table& table, const Endpoint& endpoint,
                                                                 const Choices& choices);

}  // namespace offloader::executor::testing::model
