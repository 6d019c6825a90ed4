#include "offloader/serving/generation.h"

#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

namespace offloader::serving {
namespace {

using identity::Outcome;
using Snapshots = std::map<std::string, DatasetSnapshots, std::less<>>;

std::string endpoint_file(const std::string& name, const std::string& dataset, const std::string& more = "") {
  return "name: " + name + "\nversion: 1\ndataset: " + dataset + "\n" + more +
         "params:\n  - {name: n, type: integer}\nquery:\n  select: [{as: n, column: n}]\n"
         "  filters: [{column: n, op: gte, param: n}]\ncolumns: [n]\n";
}

std::map<std::string, std::string> files() {
  return {{"offloader.yml", "version: 1\nkeys: keys.yml\n"},
          {"datasets/a.yml", "id: a\nmanifest: m.json\nschema:\n  - {name: n, type: BIGINT}\n"},
          {"datasets/b.yml",
           "id: b\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: n, type: BIGINT}\n"
           "  - {name: t, type: VARCHAR}\n"},
          {"endpoints/m.yml", endpoint_file("m", "a")},
          {"endpoints/x.yml", endpoint_file("x", "b", "tenant: {column: t}\n")},
          {"keys.yml", "keys:\n  - {id: k, hash: \"" + to_hex(sha256("token")) +
                           "\", tenant: \"7\", endpoints: [m, x], status: active}\n"}};
}

std::shared_ptr<const catalog::Catalog> load(std::map<std::string, std::string> project) {
  auto loaded = catalog::load_project_files(std::move(project));
  EXPECT_TRUE(loaded.catalog) << catalog::to_text(loaded.findings);
  return loaded.catalog;
}

std::shared_ptr<const ServedSnapshot> snapshot(const std::string& id) {
  auto made = std::make_shared<ServedSnapshot>();
  made->snapshot_id = id;
  made->fingerprint = "rows of " + id;
  return made;
}

Snapshots both(std::shared_ptr<const ServedSnapshot> a, std::shared_ptr<const ServedSnapshot> b) {
  return {{"a", {.local = std::move(a), .remote = nullptr}},
          {"b", {.local = std::move(b), .remote = nullptr}}};
}

const ServedEndpoint& opened(const Generation& generation, const std::string& name) {
  const auto found = generation.principals->find({"Bearer token"}, {});
  EXPECT_EQ(found.outcome, Outcome::ok);
  return generation.endpoint_of(found.principal->grant_for(name).value());
}

TEST(Generation, Swap_OneDataset_KeepsEverythingElse) {
  const auto catalog = load(files());
  const auto old_a = snapshot("a1");
  const auto b = snapshot("b1");
  const auto before = make_generation(catalog, both(old_a, b), nullptr);
  const auto after = make_generation(catalog, both(snapshot("a2"), b), before.get());
  for (const char* name : {"m", "x"}) {
    EXPECT_EQ(after->endpoints.at(name).compiler, before->endpoints.at(name).compiler) << name;
  }
  EXPECT_EQ(after->principals, before->principals);
  EXPECT_EQ(after->endpoints.at("x").scope, before->endpoints.at("x").scope);
  EXPECT_EQ(after->endpoints.at("x").editions.fresh, before->endpoints.at("x").editions.fresh);
  EXPECT_EQ(after->endpoints.at("m").snapshot->snapshot_id, "a2");
  EXPECT_NE(after->endpoints.at("m").scope, before->endpoints.at("m").scope);
  EXPECT_NE(after->endpoints.at("m").editions.fresh, before->endpoints.at("m").editions.fresh);
}

TEST(Generation, EndpointOf_SharedPrincipals_ReturnsItsOwnEndpoints) {
  const auto catalog = load(files());
  const auto before = make_generation(catalog, {}, nullptr);
  const auto after = make_generation(catalog, {}, before.get());
  ASSERT_EQ(after->principals, before->principals);
  for (const char* name : {"m", "x"}) {
    EXPECT_EQ(&opened(*before, name), &before->endpoints.at(name));
    EXPECT_EQ(&opened(*after, name), &after->endpoints.at(name));
  }
}

TEST(Generation, Reload_UnchangedQueryOfAnEndpoint_KeepsItsCompiler) {
  auto project = files();
  const auto before = make_generation(load(project), {}, nullptr);
  project["endpoints/m.yml"] = endpoint_file("m", "a", "pagination: {default_limit: 7}\n");
  project["endpoints/x.yml"] = endpoint_file("x", "b", "tenant: {column: t}\nowner: somebody else\n");
  const auto after = make_generation(load(project), {}, before.get());
  EXPECT_EQ(after->endpoints.at("x").compiler, before->endpoints.at("x").compiler);
  EXPECT_NE(after->endpoints.at("m").compiler, before->endpoints.at("m").compiler);
  EXPECT_EQ(after->principals, before->principals);
}

TEST(Generation, Reload_EndpointAdded_RebuildsPrincipals) {
  auto project = files();
  const auto before = make_generation(load(project), {}, nullptr);
  project["endpoints/c.yml"] = endpoint_file("c", "a");  // sorts before the others
  const auto after = make_generation(load(project), {}, before.get());
  EXPECT_NE(after->principals, before->principals);
  for (const char* name : {"m", "x"}) EXPECT_EQ(&opened(*after, name), &after->endpoints.at(name));
}

TEST(Generation, Reload_UngrantedEndpointRenamed_RebuildsPrincipals) {
  auto project = files();
  project["endpoints/c.yml"] = endpoint_file("c", "a");
  const auto before = make_generation(load(project), {}, nullptr);
  project["endpoints/c.yml"] = endpoint_file("n", "a");  // same count as before, in another order
  const auto after = make_generation(load(project), {}, before.get());
  for (const char* name : {"m", "x"}) EXPECT_EQ(&opened(*after, name), &after->endpoints.at(name));
}

TEST(Generation, Reload_KeyRevoked_RebuildsPrincipals) {
  auto project = files();
  const auto before = make_generation(load(project), {}, nullptr);
  std::string& keys = project["keys.yml"];
  keys.replace(keys.find("active"), 6, "revoked");
  const auto after = make_generation(load(project), {}, before.get());
  EXPECT_EQ(after->principals->find({"Bearer token"}, {}).outcome, Outcome::revoked);
  EXPECT_EQ(before->principals->find({"Bearer token"}, {}).outcome, Outcome::ok);
}

TEST(Generation, Reload_TenantColumnTypeChanged_RebuildsPrincipals) {
  auto project = files();
  const auto before = make_generation(load(project), {}, nullptr);
  std::string& dataset = project["datasets/b.yml"];
  dataset.replace(dataset.find("VARCHAR"), 7, "INTEGER");
  const auto after = make_generation(load(project), {}, before.get());
  EXPECT_EQ(*before->principals->find({"Bearer token"}, {}).principal->grant_for("x").value().tenant,
            catalog::Tenant("7"));
  EXPECT_EQ(*after->principals->find({"Bearer token"}, {}).principal->grant_for("x").value().tenant,
            catalog::Tenant(std::int64_t{7}));
}

}  // namespace
}  // namespace offloader::serving
