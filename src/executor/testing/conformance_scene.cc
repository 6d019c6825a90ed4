#include "conformance_scene.h"

#include <unistd.h>

#include <fstream>
#include <future>
#include <utility>

#include "offloader/rows/json_writer.h"

namespace offloader::executor::testing {
namespace {

class Conformance : public ::testing::Test {
 public:
  Conformance(Subject subject, void (*body)(Scene&)) : subject_(std::move(subject)), body_(body) {}

 private:
  void TestBody() override {
    Scene scene(subject_);
    ASSERT_NE(scene.executor, nullptr);
    body_(scene);
  }

  const Subject subject_;
  void (*const body_)(Scene&);
};

}  // namespace

void register_test(const Subject& subject, const char* name, void (*body)(Scene&)) {
  ::testing::RegisterTest(("Conformance_" + subject.name).c_str(), name, nullptr, nullptr, __FILE__, __LINE__,
                          [subject, body]() -> ::testing::Test* { return new Conformance(subject, body); });
}

bool register_conformance(const Subject& subject) {
  register_lifecycle(subject);
  if (!subject.has_rows) return true;
  register_rows(subject);
  register_random_plans(subject);
  return true;
}

Scene::Scene(const Subject& its_subject) : subject(its_subject) {
  std::string pattern = (std::filesystem::temp_directory_path() / "conformance.XXXXXX").string();
  root = ::mkdtemp(pattern.data());
  std::filesystem::create_directories(root / "data");
  dataset.id = "d";
  dataset.schema = {{.name = "id", .type = catalog::ColumnType::bigint},
                    {.name = "name", .type = catalog::ColumnType::varchar}};
  executor = subject.open(root / "executor");
}

Scene::~Scene() {
  executor.reset();
  std::filesystem::remove_all(root);
}

void Scene::reopen() {
  executor.reset();
  executor = subject.open(root / "executor");
}

Materialization Scene::load(const std::string& name, const std::string& csv,
                            std::optional<std::int64_t> rows) {
  const auto file = root / "data" / (name + ".csv");
  std::ofstream(file) << csv;
  Materialization out;
  out.dataset = &dataset;
  out.name = name;
  out.source.manifest.snapshot_id = name;
  out.source.manifest.schema = dataset.schema;
  out.source.manifest.row_count = rows;
  out.source.files = {{file.string(), false, {file.filename(), manifest::FileFormat::csv, {}, {}}}};
  out.cancel = std::make_shared<CancelFlag>();
  return out;
}

query::Plan Scene::everything() const {
  auto shape = std::make_shared<query::PlanShape>();
  static std::uint64_t next = 1'000'000;
  shape->id = ++next;
  shape->schema = dataset.schema;
  query::Plan plan;
  for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
    shape->projections.push_back({dataset.schema[i].name, i, dataset.schema[i].type, {}});
    shape->order.push_back({i, false});
    plan.columns.push_back(i);
  }
  plan.shape = std::move(shape);
  plan.limit = 1000;
  return plan;
}

Result<JsonRows> Scene::run(query::Plan plan, SnapshotPtr snapshot,
                            std::shared_ptr<CancelFlag> cancel) const {
  std::promise<Result<JsonRows>> promise;
  const auto writer = std::make_shared<rows::JsonWriter>();
  executor->run({std::move(plan), std::move(snapshot), writer, 1, std::move(cancel)},
                with_json(writer, [&](Result<JsonRows> rows) { promise.set_value(std::move(rows)); }));
  return promise.get_future().get();
}

}  // namespace offloader::executor::testing
