#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "offloader/base/testing/growth.h"
#include "offloader/catalog/load.h"

// Projects designed to be expensive: reading a file four times as long must not take much more than four
// times as long.
namespace offloader::catalog {
namespace {

using Files = std::map<std::string, std::string>;

std::string many(std::size_t bytes, const std::function<std::string(std::size_t)>& part) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) out += part(i);
  return out;
}

std::string name(std::size_t i) {
  return "c" + std::to_string(i);
}

Files with_dataset(std::string dataset) {
  return {{"offloader.yml", "version: 1\nauth: none\n"}, {"datasets/d.yml", std::move(dataset)}};
}

// An endpoint over a dataset of `columns`, with `params` and the text after `query:`.
Files with_endpoint(const std::string& columns, const std::string& params, const std::string& query,
                    const std::string& allowlist) {
  Files files = with_dataset("id: d\nmanifest: m.json\nschema:\n" + columns);
  files["endpoints/e.yml"] =
      "name: e\nversion: 1\ndataset: d\n" + params + "query:\n" + query + "columns: [" + allowlist + "]\n";
  return files;
}

std::string hash(std::size_t i) {
  const std::string digits = std::to_string(i);
  return std::string(64 - digits.size(), '0') + digits;
}

Files with_keys(const std::string& file, std::string keys) {
  Files files = with_dataset("id: d\nmanifest: m.json\nschema:\n  - {name: c0, type: VARCHAR}\n");
  files["offloader.yml"] = "version: 1\nkeys: " + file + "\n";
  files[file] = std::move(keys);
  return files;
}

const std::string kColumn = "  - {name: c0, type: VARCHAR}\n";
const std::string kSelect = "  select: [{as: c0, column: c0}]\n";

struct Family {
  const char* name;
  std::function<Files(std::size_t)> files;
  std::size_t times = 1;  // a size factor for work that is cheap per byte even if quadratic, such as copying
};

std::vector<Family> families() {
  const auto list_of = [](std::size_t bytes, const std::string& item) {
    return many(bytes, [&](std::size_t) { return item; });
  };
  return {
      {"empty items of a flow list below empty lines",
       [=](std::size_t n) {
         return with_dataset("id: d\nskip_snapshots: [" + std::string(n / 2, '\n') + " a" +
                             list_of(n / 2, ",") + " ]\n");
       }},
      {"the prefix of a tag directive",
       [=](std::size_t n) {
         return with_dataset("%TAG !e! " + std::string(n / 2, 'x') + "\n---\n" +
                             list_of(n / 2, "- !e!a b\n"));
       },
       16},
      {"a long key above a long list",
       [=](std::size_t n) {
         // YAML limits a key without `?` to 1,024 characters.
         return with_dataset("? " + std::string(n / 2, 'k') + "\n: [" + list_of(n / 2, "[a],") + "]\n");
       },
       16},
      {"aliases of a long text",
       [=](std::size_t n) {
         return with_dataset("description: &t " + std::string(n / 2, 'x') + "\nskip_snapshots: [" +
                             list_of(n / 2, "*t ,") + "]\n");
       },
       16},
      {"unknown fields",
       [](std::size_t n) { return with_dataset(many(n, [](std::size_t i) { return name(i) + ": 1\n"; })); }},
      {"keys that are there twice", [=](std::size_t n) { return with_dataset(list_of(n, "id: d\n")); }},
      {"unknown columns beside many columns",
       [](std::size_t n) {
         return with_endpoint(
             many(n, [](std::size_t i) { return "  - {name: " + name(i) + ", type: DATE}\n"; }), "",
             "  select:\n" + many(n,
                                  [](std::size_t i) {
                                    return "    - {as: " + name(i) + ", column: d" + name(i) + "}\n";
                                  }),
             "c0");
       }},
      {"many columns, all selected, grouped, ordered and listed",
       [](std::size_t n) {
         const auto names = many(n / 4, [](std::size_t i) { return name(i) + ", "; });
         const auto count = static_cast<std::size_t>(std::count(names.begin(), names.end(), ','));
         std::string columns;
         std::string select;
         std::string order;
         for (std::size_t i = 0; i < count; ++i) {
           columns += "  - {name: " + name(i) + ", type: DATE}\n";
           select += "    - {as: " + name(i) + ", column: " + name(count - 1 - i) + "}\n";
           order += "    - {column: " + name(count - 1 - i) + "}\n";
         }
         return with_endpoint(columns, "",
                              "  select:\n" + select + "  group_by: [" + names + "]\n  order_by:\n" + order,
                              names);
       },
       8},
      {"unknown params beside many params",
       [](std::size_t n) {
         return with_endpoint(
             kColumn,
             "params:\n" +
                 many(n / 2, [](std::size_t i) { return "  - {name: " + name(i) + ", type: string}\n"; }) +
                 "combinations:\n  - [" + many(n / 2, [](std::size_t i) { return "d" + name(i) + ", "; }) +
                 "]\n",
             kSelect, "c0");
       }},
      {"a combination of many params",
       [](std::size_t n) {
         const auto names = many(n / 2, [](std::size_t i) { return name(i) + ", "; });
         return with_endpoint(
             kColumn,
             "params:\n" +
                 many(n * 2, [](std::size_t i) { return "  - {name: " + name(i) + ", type: string}\n"; }) +
                 "combinations:\n  - [" + names + "]\n",
             kSelect, "c0");
       },
       8},
      {"a long enum",
       [](std::size_t n) {
         return with_endpoint(kColumn,
                              "params:\n  - {name: p, type: enum, enum: [" +
                                  many(n, [](std::size_t i) { return "v" + std::to_string(i) + ", "; }) +
                                  "]}\n",
                              kSelect, "c0");
       }},
      {"a chain of aliases of an enum",
       [](std::size_t n) {
         return with_endpoint(
             kColumn,
             "params:\n  - name: p\n    type: enum\n    enum: [v]\n    aliases:\n" +
                 many(n, [](std::size_t i) { return "      " + name(i) + ": " + name(i + 1) + "\n"; }),
             kSelect, "c0");
       }},
      {"many origins",
       [](std::size_t n) {
         return Files{{"offloader.yml",
                       "version: 1\nauth: none\nallowed_origins:\n" +
                           many(n, [](std::size_t i) { return "  - s3://b" + std::to_string(i) + "\n"; })}};
       },
       8},
      {"many keys as YAML",
       [](std::size_t n) {
         return with_keys("keys.yml", "keys:\n" + many(n, [](std::size_t i) {
                                        return "  - {id: " + name(i) + ", hash: \"" + hash(i) +
                                               "\", tenant: null, endpoints: [\"*\"], status: active}\n";
                                      }));
       },
       16},
      {"many keys as NDJSON",
       [](std::size_t n) {
         return with_keys("keys.ndjson", many(n, [](std::size_t i) {
                            return R"({"id":")" + name(i) + R"(","hash":")" + hash(i) +
                                   R"(","tenant":null,"endpoints":["*"],"status":"active"})" + "\n";
                          }));
       },
       16},
      {"keys that are aliases of a long key",
       [=](std::size_t n) {
         return with_keys("keys.yml",
                          "keys:\n  - &k [" + list_of(n / 2, "a,") + "]\n" + list_of(n / 2, "  - *k\n"));
       },
       16},
      {"keys with suspicious texts",
       [](std::size_t n) {
         return with_keys("keys.yml", "keys:\n" + many(n, [](std::size_t i) {
                                        return "  - offl_0123456789abcdef" + name(i) + "\n";
                                      }));
       },
       16},
      {"a key that grants many endpoints",
       [](std::size_t n) {
         const auto count = n / 200;
         Files files = with_dataset("id: d\nmanifest: m.json\nschema:\n" + kColumn);
         files["offloader.yml"] = "version: 1\nkeys: keys.yml\n";
         std::string granted;
         for (std::size_t i = 0; i < count; ++i) {
           files["endpoints/" + name(i) + ".yml"] =
               "name: " + name(i) + "\nversion: 1\ndataset: d\nquery:\n" + kSelect + "columns: [c0]\n";
           granted += name(i) + ", ";
         }
         granted += many(n / 4, [](std::size_t i) { return "d" + name(i) + ", "; });
         files["keys.yml"] = "keys:\n  - {id: k, hash: " + std::string(64, 'a') +
                             ", tenant: null, endpoints: [" + granted + "], status: active}\n";
         return files;
       }},
  };
}

TEST(LinearTime, Load_FourTimesAsLong_TakesAboutFourTimesAsLong) {
  constexpr std::size_t kBytes = 10'000;
  for (const Family& family : families()) {
    const auto seconds_of = [&](std::size_t bytes) {
      const Files files = family.files(bytes);
      return cpu_seconds([&] { (void)load_project_files(files); });
    };
    EXPECT_EQ(growth_beyond_linear(kBytes * family.times, seconds_of), "") << family.name;
  }
}

}  // namespace
}  // namespace offloader::catalog
