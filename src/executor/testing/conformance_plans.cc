#include <algorithm>
#include <cstdlib>
#include <map>

#include "conformance_scene.h"
#include "offloader/base/file.h"
#include "offloader/catalog/load.h"
#include "offloader/catalog/tenant_text.h"
#include "offloader/executor/testing/same_rows.h"
#include "offloader/query/compiler.h"
#include "offloader/rows/json_writer.h"

// Random contracts, rows and requests: each answer must equal the reference evaluator's, byte for byte (but
// see same_rows.h). OFFLOADER_PROPERTY_SEED repeats one project.
namespace offloader::executor::testing {
namespace {

constexpr int kProjects = 6;
constexpr int kRequests = 60;

// Returns the data files of a table's snapshot, from its manifest; nullopt if the manifest is invalid.
std::optional<Source> source_of(const model::Table& table, const std::filesystem::path& project) {
  const auto path = project / "data" / (table.id + ".json");
  const auto text = read_file(path, manifest::kMaxManifestBytes);
  if (!text) return std::nullopt;
  auto parsed = manifest::parse_manifest(*text, path.filename());
  if (!parsed.manifest) return std::nullopt;
  auto resolved = manifest::resolve_files(*parsed.manifest, {path.string(), project, false}, {}, "manifest");
  if (!resolved.findings.empty()) return std::nullopt;
  return Source{std::move(*parsed.manifest), std::move(resolved.files), {}};
}

// A project whose snapshots are loaded and opened for remote_scan.
class Served {
 public:
  Served(Scene& scene, const model::Project& project) : scene_(scene), project_(project) {
    const auto folder = scene.root / "project";
    model::write_project(project, folder, scene.subject.write_parquet);
    const auto loaded = catalog::load_project(folder);
    EXPECT_TRUE(loaded.catalog) << to_text(loaded.findings);
    catalog_ = loaded.catalog;
    if (!catalog_) return;
    for (const auto& table : project.tables) open(table, folder);
    for (const auto& [name, endpoint] : catalog_->endpoints)
      compilers_[name] = query::make_compiler(endpoint, catalog_->dataset_of(endpoint));
  }

  // Checks that the executor answers as the evaluator does.
  void check(const model::Endpoint& endpoint, const model::Query& query, const std::string& tenant) {
    SCOPED_TRACE(endpoint.name + model::encode(query) + " tenant " + tenant);
    const model::Table& table = project_.tables[endpoint.table];
    const auto expected = model::evaluate(table, endpoint, query, tenant);
    auto plan = compiled(endpoint, query, tenant);
    if (expected.status != 200) {
      // That there are too many buckets may only be known when the rows are.
      if (plan) check_refused(std::move(*plan), (endpoint.remote ? scanned_ : loaded_).at(table.id));
      return;
    }
    ASSERT_TRUE(plan) << plan.error().message;
    const auto& snapshot = (endpoint.remote ? scanned_ : loaded_).at(table.id);
    rows::JsonWriter writer;
    if (const auto at_once = scene_.executor->answer_at_once(*plan, snapshot.get(), writer)) {
      ASSERT_TRUE(*at_once) << at_once->error().detail;
      auto [text, room, totals] = writer.take();
      compare(endpoint, expected, JsonRows{**at_once, std::move(text), std::move(totals)});
    }
    const auto answer = scene_.run(std::move(*plan), snapshot);
    ASSERT_TRUE(answer) << answer.error().message << answer.error().detail;
    compare(endpoint, expected, *answer);
  }

  [[nodiscard]] bool complete() const {
    return catalog_ && loaded_.size() == project_.tables.size() &&
           (!scene_.subject.scans || scanned_.size() == loaded_.size());
  }

 private:
  void open(const model::Table& table, const std::filesystem::path& folder) {
    const catalog::Dataset& dataset = catalog_->datasets.at(table.id);
    const auto source = source_of(table, folder);
    ASSERT_TRUE(source) << table.id;
    Materialization request;
    request.dataset = &dataset;
    request.name = table.snapshot_id + ".b1";
    request.source = *source;
    // Like the layout that endpoints request: every column but JSON ones, in some order.
    for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
      request.layout.indexed_columns.push_back(i);
      if (dataset.schema[i].type != catalog::ColumnType::json && i != dataset.tenant_column)
        request.layout.sort_columns.push_back(i);
    }
    const auto made = scene_.executor->materialize(request);
    ASSERT_TRUE(made) << made.error().error.message << made.error().error.detail
                      << to_text(made.error().findings);
    const auto attached = scene_.executor->attach(Scene::stored(*made), dataset);
    ASSERT_TRUE(attached) << attached.error().detail;
    loaded_[table.id] = *attached;
    if (!scene_.subject.scans) return;
    const auto scanned = scene_.executor->scan(dataset, *source, nullptr, nullptr);
    ASSERT_TRUE(scanned) << scanned.error().error.detail;
    scanned_[table.id] = *scanned;
  }

  [[nodiscard]] Result<query::Plan> compiled(const model::Endpoint& endpoint, const model::Query& query,
                                             const std::string& tenant) const {
    const auto& contract = catalog_->endpoints.at(endpoint.name);
    std::optional<catalog::Tenant> caller;
    const catalog::Dataset& dataset = catalog_->dataset_of(contract);
    const bool known =
        std::ranges::any_of(catalog_->keys, [&](const auto& key) { return key.tenant == tenant; });
    if (known && dataset.tenant_column) {
      const catalog::ColumnType type = dataset.schema[*dataset.tenant_column].type;
      if (type == catalog::ColumnType::varchar) {
        caller = tenant;
      } else if (const auto number = catalog::parse_tenant_integer(tenant, type)) {
        caller = *number;
      }
    }
    query::Params params;
    for (const auto& [name, value] : query) params.push_back({name, value});
    return compilers_.at(endpoint.name)
        ->compile(params, caller, {.today = 0, .watermark = model::kWatermark});
  }

  void check_refused(query::Plan plan, const SnapshotPtr& snapshot) const {
    ASSERT_NE(plan.shape->filled(), nullptr);
    rows::JsonWriter writer;
    EXPECT_FALSE(scene_.executor->answer_at_once(plan, snapshot.get(), writer));
    const auto answer = scene_.run(std::move(plan), snapshot);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::invalid_param);
  }

  void compare(const model::Endpoint& endpoint, const model::Expected& expected,
               const JsonRows& answer) const {
    EXPECT_TRUE(model::same_rows(project_.tables[endpoint.table], endpoint, answer.json, expected.data))
        << "by " << answer.by << "\nanswered " << answer.json << "\nexpected " << expected.data;
    EXPECT_EQ(answer.row_count, expected.row_count);
    EXPECT_EQ(answer.has_more, expected.has_more);
    EXPECT_EQ(answer.total_rows, expected.total_rows);
    EXPECT_TRUE(model::same_totals(project_.tables[endpoint.table], endpoint, answer.totals, expected.totals))
        << "by " << answer.by << "\nanswered " << answer.totals << "\nexpected " << expected.totals;
  }

  Scene& scene_;
  const model::Project& project_;
  std::shared_ptr<const catalog::Catalog> catalog_;
  std::map<std::string, SnapshotPtr> loaded_;
  std::map<std::string, SnapshotPtr> scanned_;
  std::map<std::string, std::shared_ptr<const query::Compiler>> compilers_;
};

void random_plans_are_answered_as_the_evaluator_says(Scene& scene) {
  const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 20260101;
  for (int i = 0; i < (given != nullptr ? 1 : kProjects); ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    SCOPED_TRACE("OFFLOADER_PROPERTY_SEED=" + std::to_string(seed));
    model::Random random(seed);
    const model::Project project = model::random_project(random);
    Served served(scene, project);
    ASSERT_TRUE(served.complete());
    for (int r = 0; r < kRequests && !::testing::Test::HasFailure(); ++r) {
      auto endpoint = project.endpoints[random() % project.endpoints.size()];
      endpoint.remote = endpoint.remote && scene.subject.scans;
      const std::string& tenant = project.tenants[random() % project.tenants.size()];
      served.check(endpoint, model::random_query(project, endpoint, random), tenant);
    }
    std::filesystem::remove_all(scene.root / "project");
  }
}

}  // namespace

void register_random_plans(const Subject& subject) {
  register_test(subject, "RandomPlans_AreAnsweredAsTheReferenceEvaluatorSays",
                random_plans_are_answered_as_the_evaluator_says);
}

}  // namespace offloader::executor::testing
