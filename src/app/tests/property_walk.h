#pragma once

#include <cstdint>
#include <string>

#include "http_client.h"
#include "offloader/executor/testing/random_project.h"
#include "property_callers.h"

// Walks by cursor of the property tests.
namespace offloader::app {

struct Tally {
  int requests = 0;
  int refused = 0;
  std::int64_t rows = 0;
  int pages = 0;  // by cursor

  void add(const Tally& other) {
    requests += other.requests;
    refused += other.refused;
    rows += other.rows;
    pages += other.pages;
  }
};

// Returns the JSON of the rows of an answer, and that of its grand total; empty if there is none.
[[nodiscard]] std::string data_of(const std::string& body);
[[nodiscard]] std::string totals_of(const std::string& body);

// Walks by cursor, with pages of random sizes and any of the tenant's credentials for each, through the whole
// answer of a request. The pages together must
// equal the evaluator's answer. Requires: the endpoint pages by cursor.
void check_walk(const executor::testing::model::Table& table,
                const executor::testing::model::Endpoint& endpoint, executor::testing::model::Query query,
                const std::string& tenant, const Callers& callers, HttpClient& client,
                executor::testing::model::Random& random, Tally& tally);

}  // namespace offloader::app
