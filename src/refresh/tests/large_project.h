#pragma once

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "offloader/base/crypto.h"
#include "offloader/catalog/load.h"

namespace offloader::refresh {

// A project of 200 endpoints that read all 60 columns of one dataset and filter by up to eight of them.
// Twenty keys have access to all endpoints. No endpoint reads the second dataset, `other`.
struct LargeProject {
  static constexpr int kColumns = 60;
  static constexpr int kFilters = 8;
  static constexpr int kEndpoints = 200;

  static std::string name(const char* prefix, int i) { return prefix + std::to_string(i); }

  // Returns null, and prints the findings to stderr, if the project is invalid. `first_version` is the
  // version of the first endpoint.
  static std::shared_ptr<const catalog::Catalog> load(int first_version = 1) {
    std::map<std::string, std::string> files{{"offloader.yml", "version: 1\nkeys: keys.yml\n"},
                                             {"datasets/facts.yml", dataset("facts")},
                                             {"datasets/other.yml", dataset("other")}};
    std::string granted;
    for (int i = 0; i < kEndpoints; ++i) {
      files["endpoints/" + name("e", i) + ".yml"] = endpoint(i, i == 0 ? first_version : 1);
      granted += (i == 0 ? "" : ", ") + name("endpoint_", i);
    }
    std::string keys = "keys:\n";
    for (int k = 0; k < 20; ++k) {
      keys += "  - {id: " + name("key_", k) + ", hash: \"" + to_hex(sha256(name("token", k))) +
              "\", tenant: null, endpoints: [" + granted + "], status: active}\n";
    }
    files["keys.yml"] = keys;
    catalog::LoadedProject loaded = catalog::load_project_files(std::move(files));
    if (loaded.catalog == nullptr) std::fputs(catalog::to_text(loaded.findings).c_str(), stderr);
    return loaded.catalog;
  }

  // Returns the anonymous resident memory of this process, in MiB.
  static double rss_anon() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
    }
    return 0;
  }

 private:
  static std::string column(int i) { return name("a_column_of_facts_", i); }

  static std::string dataset(const std::string& id) {
    std::string text = "id: " + id + "\nmanifest: m.json\nschema:\n";
    for (int c = 0; c < kColumns; ++c) text += "  - {name: " + column(c) + ", type: BIGINT}\n";
    return text;
  }

  static std::string endpoint(int i, int version) {
    std::string text = "name: " + name("endpoint_", i) + "\nversion: " + std::to_string(version) +
                       "\ndataset: facts\nparams:\n";
    for (int f = 0; f < kFilters; ++f) text += "  - {name: " + name("filter_", f) + ", type: integer}\n";
    text += "query:\n  select:\n";
    std::string columns;
    for (int c = 0; c < kColumns; ++c) {
      text += "    - {as: " + column(c) + ", column: " + column(c) + "}\n";
      columns += (c == 0 ? "" : ", ") + column(c);
    }
    text += "  filters:\n";
    for (int f = 0; f < kFilters; ++f)
      text += "    - {column: " + column(f) + ", op: gte, param: " + name("filter_", f) + "}\n";
    return text + "columns: [" + columns + "]\n";
  }
};

}  // namespace offloader::refresh
