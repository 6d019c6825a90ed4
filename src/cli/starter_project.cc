#include "starter_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "manifest_text.h"
#include "offloader/base/timestamp.h"

namespace offloader::cli {
namespace {

using catalog::ColumnType;
using catalog::SizedType;

constexpr std::int32_t kDays = 90;
constexpr std::array<std::string_view, 2> kTenants = {"acme", "globex"};
constexpr std::array<const char*, 5> kProducts = {"anvil", "bench", "chisel", "drill", "easel"};
constexpr std::array<const char*, 3> kCountries = {"CH", "DE", "FR"};

std::string date(std::int32_t day) {
  std::string out;
  append_date(out, day);
  return out;
}

std::string csv(const StarterOptions& options, std::int64_t& rows) {
  std::string out = options.open ? "day,product,country,orders,revenue\n"
                                 : "tenant_id,day,product,country,orders,revenue\n";
  for (std::size_t tenant = 0; tenant < (options.open ? 1 : kTenants.size()); ++tenant) {
    for (std::int32_t day = 0; day < kDays; ++day) {
      for (std::size_t product = 0; product < kProducts.size(); ++product) {
        const auto mix = static_cast<int>(tenant * 5 + product * 7) + day * 3;
        const int orders = 3 + mix % 11;
        if (!options.open) out += fmt::format("{},", kTenants[tenant]);
        out += fmt::format("{},{},{},{},{}.{:02}\n", date(options.today - kDays + day), kProducts[product],
                           kCountries[static_cast<std::size_t>(day) % kCountries.size()], orders,
                           orders * (19 + static_cast<int>(product) * 4), mix % 100);
        ++rows;
      }
    }
  }
  return out;
}

std::string project_yml(bool open) {
  const char* head =
      "# What Offloader serves. `offloader validate` checks all of it and prints every finding at "
      "once.\nversion: 1\n\n";
  if (open) {
    return std::string(head) +
           "# Anyone may call the endpoints. With `auth: required` (the default), each call needs one of "
           "the keys\n# in the file that `keys:` names.\n"
           "auth: none\n";
  }
  return std::string(head) +
         "# Every call needs a key. Each key belongs to a tenant and can call only the endpoints that it "
         "lists.\n"
         "auth: required\nkeys: keys/keys.yml\n";
}

std::string dataset_yml(bool open) {
  return fmt::format(
      "# A dataset: the columns that every snapshot must have, and where its newest manifest is.\nid: "
      "orders_daily\n"
      "description: Orders of each day by product and country; sample data\n\n"
      "# The manifest is written last, after all files of a snapshot. This is its path in this project, or "
      "its\n"
      "# s3://, gs:// or https:// URL. Create your own with: offloader manifest create --dataset "
      "orders_daily FILE...\n"
      "manifest: data/orders_daily/manifest.json\n\n{}"
      "schema:\n{}  - {{name: day, type: DATE}}\n  - {{name: product, type: VARCHAR}}\n"
      "  - {{name: country, type: VARCHAR}}\n  - {{name: orders, type: INTEGER}}\n"
      "  # Money is exact: 12 digits, 2 of them after the point. In braces, a type with a comma needs "
      "quotes.\n"
      "  - {{name: revenue, type: \"DECIMAL(12,2)\"}}\n",
      open ? ""
           : "# The tenant of each row. Offloader filters every query by the key's tenant; no request can "
             "change that.\n"
             "tenant_column: tenant_id\n\n",
      open ? "" : "  - {name: tenant_id, type: VARCHAR}\n");
}

std::string endpoint_yml(bool open) {
  return fmt::format(
      "# GET /v1/endpoints/orders_by_product\nname: orders_by_product\nversion: 1\nowner: you\n"
      "description: Orders and revenue by product over a span of days\ndataset: orders_daily\n{}\n"
      "# What callers may send: values, never SQL.\nparams:\n  - {{name: from, type: date}}\n  - {{name: to, "
      "type: date}}\n"
      "  - name: country\n    type: enum\n    enum: [CH, DE, FR]\n    aliases: {{switzerland: CH, germany: "
      "DE, france: FR}}\n\n"
      "query:\n  select:\n    - {{as: product, column: product}}\n    - {{as: orders, column: orders, agg: "
      "sum}}\n"
      "    - {{as: revenue, column: revenue, agg: sum}}\n  filters:\n    - {{column: day, op: gte, param: "
      "from}}\n"
      "    - {{column: day, op: lte, param: to}}\n    - {{column: country, op: eq, param: country}}\n"
      "  group_by: [product]\n  order_by:\n    - {{column: revenue, dir: desc}}\n    - {{column: "
      "product}}\n\n"
      "# The allowlist of the response: exactly the names above.\ncolumns: [product, orders, revenue]\n"
      "pagination: {{default_limit: 20, max_limit: 100}}\n\n"
      "# Responses say `stale: true` once the data is older than this.\nfreshness: {{max_staleness_minutes: "
      "2880}}\n\n"
      "# `snapshot`: an answer is kept until the next snapshot.\ncache: {{policy: snapshot}}\n",
      open ? "" : "tenant: {column: tenant_id}\n");
}

std::string rows_yml(bool open) {
  return fmt::format(
      "# GET /v1/endpoints/orders: the rows themselves, newest first.\nname: orders\nversion: 1\nowner: you\n"
      "description: The rows as they are, newest first\ndataset: orders_daily\n{}\nparams:\n"
      "  - {{name: product, type: string}}\n  - {{name: from, type: date}}\n\nquery:\n  select:\n"
      "    - {{as: day, column: day}}\n    - {{as: product, column: product}}\n    - {{as: country, column: "
      "country}}\n"
      "    - {{as: orders, column: orders}}\n    - {{as: revenue, column: revenue}}\n  filters:\n"
      "    - {{column: product, op: eq, param: product}}\n    - {{column: day, op: gte, param: from}}\n  "
      "order_by:\n"
      "    - {{column: day, dir: desc}}\n    - {{column: product}}\n    - {{column: country}}\n\n"
      "columns: [day, product, country, orders, revenue]\npagination: {{default_limit: 50, max_limit: 500}}\n"
      "cache: {{policy: snapshot}}\n",
      open ? "" : "tenant: {column: tenant_id}\n");
}

std::string keys_yml(const std::vector<std::string>& hashes) {
  std::string out =
      "# API keys. Only hashes are stored: the demo keys were shown once, when `offloader init` created "
      "this file.\n"
      "# Create another with: offloader keys create --id NAME --tenant TENANT --endpoints "
      "orders,orders_by_product --add\n"
      "keys:\n";
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    out += fmt::format(
        "  - id: demo{}\n    hash: \"{}\"\n    tenant: {}\n    endpoints: [orders, orders_by_product]\n"
        "    status: active\n",
        i == 0 ? "" : fmt::format("_{}", kTenants[i]), hashes[i], kTenants[i]);
  }
  return out;
}

std::string readme(bool open) {
  return fmt::format(
      "# A starter project\n\nThis project serves two endpoints over sample orders{}.\n\n    offloader "
      "validate\n    offloader "
      "serve\n\n"
      "`serve` prints a ready curl line for each endpoint.{}\n\n"
      "- `offloader.yml`: the project\n- `datasets/`: what each snapshot must contain\n"
      "- `endpoints/`: what is served, and with which params\n{}- `data/`: the sample snapshot, a CSV file "
      "and "
      "its "
      "manifest\n\nTo use your own data: `offloader scaffold-dataset --from FILE` drafts a dataset from a "
      "CSV or Parquet "
      "file, and\n`offloader manifest create --dataset ID FILE...` writes the manifest.\n",
      open ? ", open to anyone" : ", of two tenants",
      open ? ""
           : " Set `OFFLOADER_KEY` to a demo key first; if you have lost it,\n"
             "create another with `offloader keys create`.",
      open ? "" : "- `keys/`: hashes of API keys, and the endpoints that they can call\n");
}

}  // namespace

std::span<const std::string_view> starter_tenants() {
  return kTenants;
}

std::map<std::string, std::string> starter_project(const StarterOptions& options) {
  ManifestDraft manifest;
  manifest.dataset = "orders_daily";
  manifest.snapshot_id = date(options.today - 1);
  manifest.created_at = manifest.watermark = options.created_at;
  manifest.producer = "offloader init";
  if (!options.open) manifest.schema.push_back({"tenant_id", ColumnType::varchar});
  for (const auto& [name, type] : {std::pair<const char*, SizedType>{"day", ColumnType::date},
                                   {"product", ColumnType::varchar},
                                   {"country", ColumnType::varchar},
                                   {"orders", ColumnType::integer},
                                   {"revenue", catalog::decimal_type(12, 2)}}) {
    manifest.schema.push_back({name, type});
  }
  std::int64_t rows = 0;
  const std::string data = csv(options, rows);
  manifest.files.push_back({"part-0.csv", manifest::FileFormat::csv, rows, data.size()});
  std::map<std::string, std::string> files;
  files["offloader.yml"] = project_yml(options.open);
  files["datasets/orders_daily.yml"] = dataset_yml(options.open);
  files["endpoints/orders_by_product.yml"] = endpoint_yml(options.open);
  files["endpoints/orders.yml"] = rows_yml(options.open);
  files["data/orders_daily/part-0.csv"] = data;
  files["data/orders_daily/manifest.json"] = to_text(manifest);
  files["README.md"] = readme(options.open);
  if (!options.open) files["keys/keys.yml"] = keys_yml(options.key_hashes);
  return files;
}

}  // namespace offloader::cli
