// Random contracts, random data for several tenants and random requests: every answer must equal the
// reference evaluator's, to the byte, from every executor and while snapshots are swapped. The seed is
// printed. OFFLOADER_PROPERTY_SEED repeats one; OFFLOADER_PROPERTY_SECONDS sets how long to run, and
// OFFLOADER_PROPERTY_REQUESTS how many requests the long form makes.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "http_client.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/testing/data_file.h"
#include "offloader/executor/testing/random_project.h"
#include "offloader/executor/testing/same_rows.h"
#include "property_callers.h"
#include "property_walk.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace model = executor::testing::model;
using duckdb::testing::write_parquet;

using model::Random;

// `make test` always uses the same seed, so that only a change can make it fail: one whose projects are
// quick. The long forms use new seeds.
std::uint64_t seed_from_environment() {
  if (const char* text = std::getenv("OFFLOADER_PROPERTY_SEED")) return std::strtoull(text, nullptr, 10);
  const bool long_form =
      std::getenv("OFFLOADER_SOAK") != nullptr || std::getenv("OFFLOADER_PROPERTY_SECONDS") != nullptr;
  return long_form ? std::random_device{}() : 3'733'939'341;
}

// Returns the seed of a run, and prints it, so that it is known also of a run that is stopped.
std::uint64_t announced_seed() {
  const std::uint64_t seed = seed_from_environment();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return seed;
}

void print(const Tally& tally) {
  std::printf("%d requests, %d of them refused as they should, %lld rows, and %d pages by cursor\n",
              tally.requests, tally.refused, static_cast<long long>(tally.rows), tally.pages);
}

// Compares an answer with status 200 to the evaluator's. Returns the difference, or empty.
std::string difference(const model::Table& table, const model::Endpoint& endpoint,
                       const model::Expected& expected, const Answer& answer) {
  const std::string served = data_of(answer.body);
  if (!model::same_rows(table, endpoint, served, expected.data))
    return "served   " + served + "\nexpected " + expected.data;
  const auto meta = nlohmann::json::parse(answer.body)["meta"];
  if (meta["has_more"] != expected.has_more || meta["row_count"] != expected.row_count ||
      meta["snapshot_id"] != table.snapshot_id || meta["version"] != endpoint.version)
    return "meta " + meta.dump();
  const bool counted = meta.contains("total_rows");
  if (counted != expected.total_rows.has_value() || (counted && meta["total_rows"] != *expected.total_rows))
    return "meta " + meta.dump() + "\nexpected total_rows " +
           std::to_string(expected.total_rows.value_or(-1));
  if (!model::same_totals(table, endpoint, totals_of(answer.body), expected.totals))
    return "meta " + meta.dump() + "\nexpected totals " + expected.totals;
  return "";
}

// How much one case may take: some projects fill a hundred thousand buckets in every answer, and would keep a
// run from all others.
struct CaseLimit {
  int requests = 0;  // to each of the three snapshots of every table
  std::chrono::seconds time = std::chrono::hours(24);
};

using Clock = std::chrono::steady_clock;

// Asks for a tenant, and compares the answer to what the evaluator expects.
void check_answer(const model::Table& table, const model::Endpoint& endpoint, const model::Expected& expected,
                  const std::string& target, const std::string& tenant, const Callers& callers,
                  HttpClient& client, Random& random, Tally& tally) {
  const Answer answer = client.get(target, {callers.authorize(tenant, random)});
  ++tally.requests;
  ASSERT_EQ(answer.status, expected.status) << target << " tenant " << tenant << "\n" << answer.body;
  if (expected.status != 200) {
    ++tally.refused;
    return;
  }
  tally.rows += expected.row_count;
  ASSERT_EQ(difference(table, endpoint, expected, answer), "") << target << " tenant " << tenant;
}

// Repeats a query for two tenants, mixed at random. From its third answer on, each tenant is answered from
// the cache by what the server remembers of query and caller.
void check_repeats(const model::Project& project, const model::Endpoint& endpoint, const model::Query& query,
                   const Callers& callers, HttpClient& client, Random& random, Tally& tally) {
  const model::Table& table = project.tables[endpoint.table];
  const std::string target = "/v1/endpoints/" + endpoint.name + model::encode(query);
  for (int i = 0; i < 8; ++i) {
    const std::string& tenant = project.tenants[random() % std::min<std::size_t>(2, project.tenants.size())];
    const model::Expected expected = model::evaluate(table, endpoint, query, tenant);
    ASSERT_NO_FATAL_FAILURE(
        check_answer(table, endpoint, expected, target, tenant, callers, client, random, tally));
  }
}

void check_requests(const model::Project& project, const Callers& callers, HttpClient& client,
                    const CaseLimit& limit, Random& random, Tally& tally) {
  const auto start = Clock::now();
  for (int i = 0; i < limit.requests && Clock::now() - start < limit.time / 3; ++i) {
    const auto& endpoint = project.endpoints[random() % project.endpoints.size()];
    const model::Table& table = project.tables[endpoint.table];
    const std::string& tenant = project.tenants[random() % project.tenants.size()];
    const model::Query query = model::random_query(project, endpoint, random);
    const std::string target = "/v1/endpoints/" + endpoint.name + model::encode(query);
    const model::Expected expected = model::evaluate(table, endpoint, query, tenant);
    if (random() % 16 == 0) {
      ASSERT_EQ(client.get(target, {callers.forge(tenant, random)}).status, 401)
          << target << " tenant " << tenant;
    }
    ASSERT_NO_FATAL_FAILURE(
        check_answer(table, endpoint, expected, target, tenant, callers, client, random, tally));
    if (expected.status != 200) continue;
    if (random() % 24 == 0) {
      ASSERT_NO_FATAL_FAILURE(check_repeats(project, endpoint, query, callers, client, random, tally));
    }
    if (!endpoint.cursor || random() % 4 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(check_walk(table, endpoint, query, tenant, callers, client, random, tally));
  }
}

void run_case(std::uint64_t seed, bool use_index, const CaseLimit& limit, Tally& tally) {
  SCOPED_TRACE("OFFLOADER_PROPERTY_SEED=" + std::to_string(seed));
  Random random(seed);
  model::Project project = model::random_project(random);
  const TemporaryFolder folder;
  model::write_project(project, folder.path() / "project", write_parquet);
  const Callers callers(project, folder.path() / "project");
  TestServer server(folder.path() / "project", folder.path() / "cache",
                    {.use_index = use_index, .admin_token = {}});
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient client(server.api_port());
  for (int snapshot = 2; snapshot <= 3 && !::testing::Test::HasFatalFailure(); ++snapshot) {
    check_requests(project, callers, client, limit, random, tally);
    if (::testing::Test::HasFatalFailure()) return;
    for (model::Table& table : project.tables) {
      model::refill(table, project.tenants, snapshot, random);
      model::write_snapshot(table, folder.path() / "project", write_parquet);
      ASSERT_TRUE(server.refresh(table.id)) << server.failure();
    }
  }
  check_requests(project, callers, client, limit, random, tally);
}

TEST(Property, Answers_RandomProjects_EqualTheReferenceEvaluator) {
  const std::uint64_t first = announced_seed();
  const char* const seconds = std::getenv("OFFLOADER_PROPERTY_SECONDS");
  const bool one = std::getenv("OFFLOADER_PROPERTY_SEED") != nullptr;
  const auto until = Clock::now() + std::chrono::seconds(seconds == nullptr ? 0 : std::atoi(seconds));
  constexpr int kCases = 24;
  constexpr int kRequests = 140;
  Tally tally;
  for (int i = 0; (one ? i < 2 : i < kCases) || Clock::now() < until; ++i) {
    run_case(first + (one ? 0 : static_cast<std::uint64_t>(i / 2)), i % 2 == 0, {.requests = kRequests},
             tally);
    if (HasFatalFailure()) return;
  }
  print(tally);
  if (!one) {
    EXPECT_GE(tally.requests, 10'000);
    EXPECT_GT(tally.rows, 1000);
  }
}

// The same for a million requests in `make soak`, by as many threads as there are cores, and by two for the
// few requests of `make test`. Each takes the next case, with a server of its own; when one fails, the others
// end after theirs.
TEST(SoakProperty, Answers_ManyRandomProjects_EqualTheReferenceEvaluator) {
  const std::uint64_t first = announced_seed();
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  const char* const requests = std::getenv("OFFLOADER_PROPERTY_REQUESTS");
  const int wanted = requests != nullptr ? std::atoi(requests) : soak ? 1'000'000 : 100;
  const CaseLimit limit{.requests = soak ? 1000 : 20, .time = std::chrono::seconds(60)};
  std::mutex mutex;
  Tally whole;
  std::uint64_t started = 0;
  const auto run_cases = [&] {
    while (true) {
      std::uint64_t number = 0;
      {
        const std::lock_guard lock(mutex);
        if (HasFatalFailure() || (started >= 2 && whole.requests >= wanted)) return;
        number = started++;
      }
      Tally own;
      run_case(first + number / 2, number % 2 == 0, limit, own);
      const std::lock_guard lock(mutex);
      whole.add(own);
      if (!soak || number % 50 != 0) continue;
      std::printf("%llu cases begun, %d requests\n", static_cast<unsigned long long>(started),
                  whole.requests);
      std::fflush(stdout);
    }
  };
  const KeptUmask umask;  // servers that run at once may restore each other's
  const std::size_t others = soak ? std::max(1U, std::thread::hardware_concurrency()) - 1 : 1;
  const auto done = run_side_by_side(others, "cases", run_cases);
  ASSERT_TRUE(done) << done.error().detail;
  if (HasFatalFailure()) return;
  print(whole);
}

// Everything published so far. An answer must come from one whole snapshot and one whole contract: those that
// its meta names.
class History {
 public:
  explicit History(const model::Project& project) : tenants_(project.tenants) {
    for (const model::Table& table : project.tables) add(table);
    for (const model::Endpoint& endpoint : project.endpoints) add(endpoint);
  }

  // Call it before the server can read the change.
  void add(const model::Table& table) {
    const std::lock_guard lock(mutex_);
    tables_[{table.id, table.snapshot_id}] = std::make_shared<const model::Table>(table);
  }
  void add(const model::Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    endpoints_[endpoint.name].push_back(std::make_shared<const model::Endpoint>(endpoint));
  }

  [[nodiscard]] std::shared_ptr<const model::Endpoint> pick(Random& random) const {
    const std::lock_guard lock(mutex_);
    auto at = endpoints_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % endpoints_.size()));
    return at->second.back();
  }
  [[nodiscard]] const std::vector<std::string>& tenants() const { return tenants_; }

  // Returns what is wrong with an answer to `query` of the endpoint, or empty.
  [[nodiscard]] std::string judge(const model::Project& project, const model::Endpoint& asked,
                                  const model::Query& query, const std::string& tenant,
                                  const Answer& answer) const {
    const std::string& table_id = project.tables[asked.table].id;
    std::vector<std::shared_ptr<const model::Endpoint>> versions;
    std::vector<std::shared_ptr<const model::Table>> tables;
    nlohmann::json meta;
    if (answer.status == 200) meta = nlohmann::json::parse(answer.body)["meta"];
    {
      const std::lock_guard lock(mutex_);
      versions = endpoints_.at(asked.name);
      if (answer.status == 200) {
        const auto found = tables_.find({table_id, meta["snapshot_id"].get<std::string>()});
        if (found == tables_.end()) return "a snapshot that never was: " + meta.dump();
        tables = {found->second};
      } else {
        // An error names no snapshot, and rows may have too many buckets.
        for (const auto& [id, table] : tables_) {
          if (id.first == table_id) tables.push_back(table);
        }
      }
    }
    for (const auto& version : versions) {
      if (answer.status == 200 && meta["version"] != version->version) continue;
      for (const auto& table : tables) {
        const model::Expected expected = model::evaluate(*table, *version, query, tenant);
        if (expected.status != answer.status) continue;
        return answer.status == 200 ? difference(*table, *version, expected, answer) : "";
      }
    }
    return "status " + std::to_string(answer.status) + " " + answer.body;
  }

 private:
  std::vector<std::string> tenants_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const model::Table>> tables_;
  std::map<std::string, std::vector<std::shared_ptr<const model::Endpoint>>> endpoints_;
};

// Reads from a server while snapshots are swapped and rolled back and contracts are reloaded.
void read_while_it_changes(std::uint64_t seed, bool use_index, int changes, Tally& tally) {
  SCOPED_TRACE("OFFLOADER_PROPERTY_SEED=" + std::to_string(seed));
  Random random(seed);
  model::Project project = model::random_project(random);
  History history(project);
  const TemporaryFolder folder;
  const auto root = folder.path() / "project";
  model::write_project(project, root, write_parquet);
  const Callers callers(project, root);
  TestServer server(root, folder.path() / "cache", {.use_index = use_index, .admin_token = "token"});
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();

  std::atomic<bool> stop{false};
  std::mutex wrong_mutex;
  std::string wrong;
  std::atomic<int> requests{0};
  const model::Project shape = project;  // for tables and tenants, which do not change
  const auto read = [&](std::uint64_t own_seed) {
    Random own(own_seed);
    HttpClient client(server.api_port());
    while (!stop.load()) {
      const auto endpoint = history.pick(own);
      const std::string& tenant = history.tenants()[own() % history.tenants().size()];
      const model::Query query = model::random_query(shape, *endpoint, own);
      const std::string target = "/v1/endpoints/" + endpoint->name + model::encode(query);
      const Answer answer = client.get(target, {callers.authorize(tenant, own)});
      const std::string said = history.judge(shape, *endpoint, query, tenant, answer);
      requests.fetch_add(1);
      if (said.empty()) continue;
      const std::lock_guard lock(wrong_mutex);
      wrong = target + " tenant " + tenant + "\n" + said;
      stop.store(true);
    }
  };
  std::vector<std::thread> readers;
  for (std::uint64_t i = 0; i < 3; ++i) readers.emplace_back(read, seed * 31 + i);

  HttpClient admin(server.admin_port());
  const std::vector<std::string> token = {"authorization: Bearer token"};
  int number = 2;
  std::string failed;
  for (int i = 0; i < changes && !stop.load() && failed.empty(); ++i) {
    model::Table& table = project.tables[random() % project.tables.size()];
    Answer done;
    switch (random() % 4) {
      case 0:
      case 1:
        model::refill(table, project.tenants, number++, random);
        history.add(table);
        model::write_snapshot(table, root, write_parquet);
        done = admin.send("POST", "/datasets/" + table.id + "/refresh", token);
        if (done.status != 200 || nlohmann::json::parse(done.body)["status"] != "ok") failed = done.body;
        break;
      case 2:
        done = admin.send("POST", "/datasets/" + table.id + "/rollback", token);
        if (done.status != 200 && done.status != 409) failed = done.body;
        break;
      default: {
        const std::size_t endpoint = random() % project.endpoints.size();
        model::replace_endpoint(project, endpoint, random);
        history.add(project.endpoints[endpoint]);
        model::write_endpoint(project, endpoint, root);
        done = admin.send("POST", "/config/reload", token);
        if (done.status != 200) failed = done.body;
        break;
      }
    }
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failed, "");
  ASSERT_EQ(wrong, "");
  tally.requests += requests.load();
}

TEST(SoakProperty, Answers_SwapsRollbacksAndReloads_AreWhole) {
  const std::uint64_t first = announced_seed();
  const auto until = Clock::now() + std::chrono::seconds(std::getenv("OFFLOADER_SOAK") != nullptr ? 600 : 0);
  Tally tally;
  for (int i = 0; i < 4 || Clock::now() < until; ++i) {
    read_while_it_changes(first + static_cast<std::uint64_t>(i), i % 2 == 0, 25, tally);
    if (HasFailure()) return;
  }
  std::printf("%d requests while snapshots and contracts changed\n", tally.requests);
  EXPECT_GT(tally.requests, 100);
}

}  // namespace
}  // namespace offloader::app
