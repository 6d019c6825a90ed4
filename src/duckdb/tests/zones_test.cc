// The SQL of buckets against Python's zoneinfo over the system's zone data, which shares neither code nor
// data with DuckDB. Takes a second; OFFLOADER_SOAK=1 compares every zone and takes minutes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "bucket_sql.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/catalog/time_zone.h"
#include "offloader/duckdb/testing/unlocked.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::Grain;

// With the session's zone of every connection of the server.
Connection& connection() {
  static const bool set = static_cast<bool>(testing::unlocked_connection().query("SET TimeZone = 'UTC'"));
  EXPECT_TRUE(set);
  return testing::unlocked_connection();
}

std::vector<std::vector<std::string>> rows(const std::string& sql) {
  auto found = connection().rows(sql);
  EXPECT_TRUE(found) << found.error().detail << "\n" << sql;
  return found ? *found : std::vector<std::vector<std::string>>();
}

// Names that the engine has and IANA does not: abbreviations, and names of systems before IANA's.
bool is_foreign(std::string_view name) {
  return name.size() == 3 || name.starts_with("SystemV/") || name == "US/Pacific-New" ||
         name == "Canada/East-Saskatchewan";
}

TEST(TimeZones, Names_Engine_AreTheTable) {
  std::set<std::string> engine;
  for (const auto& row : rows("SELECT name FROM pg_timezone_names()")) engine.insert(row[0]);
  for (const std::string_view name : catalog::zone_names())
    EXPECT_TRUE(engine.contains(std::string(name))) << name << " is unknown to the engine";
  std::size_t foreign = 0;
  for (const std::string& name : engine) {
    if (catalog::is_zone(name)) continue;
    EXPECT_TRUE(is_foreign(name)) << name << " is missing: run dev/scripts/zone-names.sh";
    ++foreign;
  }
  EXPECT_EQ(foreign, 40U);
  EXPECT_FALSE(catalog::is_zone("europe/berlin"));
  EXPECT_FALSE(catalog::is_zone("BST"));
  EXPECT_FALSE(catalog::is_zone("+01:00"));
  EXPECT_FALSE(catalog::is_zone(""));
}

TEST(TimeZones, FixedOffset_EachZone_IsTheEngines) {
  std::size_t fixed = 0;
  for (const std::string_view name : catalog::zone_names()) {
    const auto offset = catalog::fixed_offset(name);
    if (!offset) continue;
    ++fixed;
    const auto found = rows(fmt::format(
        "SELECT min(o), max(o) FROM (SELECT epoch_us(timezone('{0}', t)) - epoch_us(t) AS o FROM (SELECT "
        "TIMESTAMPTZ '1700-01-01 00:00:00+00' + to_days(CAST(30 * i AS INTEGER)) AS t FROM range(5000) "
        "r(i)))",
        name));
    const std::string expected = std::to_string(*offset * std::int64_t{1'000'000});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], (std::vector<std::string>{expected, expected})) << name;
  }
  EXPECT_EQ(fixed, 44U);
}

// What the engine's edition of the zone data has corrected or added since that of Debian 12 (2025b). All else
// must be equal. With newer system data these agree too.
struct Corrected {
  std::vector<std::string_view> zones;
  std::string_view from;
  std::string_view to;
};
const std::vector<Corrected> kCorrected = {
    // The end of daylight saving, or of leaving it for Ramadan.
    {{"Africa/Casablanca", "Africa/El_Aaiun", "America/Edmonton", "America/Inuvik", "America/Vancouver",
      "America/Yellowknife", "Canada/Mountain", "Canada/Pacific"},
     "2026-09-01",
     "2041-01-02"},
    {{"America/Bogota"}, "1992-05-01", "1993-02-08"},
    {{"Asia/Tehran", "Iran"}, "1979-05-25", "1979-05-29"},
    // Once zones of their own, now other names of Athens and Lisbon.
    {{"EET", "WET"}, "1969-12-31", "1997-01-01"},
};

class ZoneInfo : public ::testing::Test {
 protected:
  // Returns false, and skips the test, if there is no Python or it has no zone data.
  bool expect(const std::vector<std::string>& zones) {
    const std::string python =
        "python3 -c 'import zoneinfo; zoneinfo.ZoneInfo(\"Europe/Berlin\")' 2> /dev/null";
    if (std::system(python.c_str()) != 0) return false;
    const auto file = folder_.path() / "expected.csv";
    std::string command = fmt::format("python3 '{}/src/duckdb/tests/zones/expected.py' '{}'",
                                      OFFLOADER_SOURCE_DIR, file.string());
    for (const std::string& zone : zones) command += " " + zone;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    EXPECT_TRUE(connection().query(
        fmt::format("CREATE OR REPLACE TABLE expected AS SELECT zone, make_timestamp(us) AS plain, "
                    "timezone('UTC', make_timestamp(us)) AS zoned, day, make_timestamp(hour_us) AS hour, "
                    "make_timestamp(first_us) AS first FROM read_csv('{}', header=false, columns={{zone: "
                    "'VARCHAR', us: 'BIGINT', "
                    "day: 'DATE', hour_us: 'BIGINT', first_us: 'BIGINT'}}) ORDER BY zone",
                    file.string())));
    return true;
  }

  // Counts the rows of a zone whose day, hour or first instant is another one; `wrong` gets the first.
  static std::string differences(const std::string& zone) {
    const query::Bucket hours{.grain = Grain::hour, .zone = zone, .instants = true};
    std::string wrong;
    const auto differs = [&](const std::string& value, std::string_view expected) {
      wrong += fmt::format("{}{} IS DISTINCT FROM {}", wrong.empty() ? "" : " OR ", value, expected);
    };
    differs(local_day("zoned", ColumnType::timestamptz, zone), "day");
    differs(local_day("plain", ColumnType::timestamp, zone), "day");
    differs(bucket_key(hours, "plain", ColumnType::timestamp), "hour");
    differs(bucket_key(hours, "zoned", ColumnType::timestamptz), "timezone('UTC', hour)");
    differs(first_instant("day", ColumnType::timestamp, zone), "first");
    differs(first_instant("day", ColumnType::timestamptz, zone), "timezone('UTC', first)");
    std::string compared = "true";
    for (const Corrected& each : kCorrected) {
      if (std::ranges::find(each.zones, zone) != each.zones.end())
        compared = fmt::format("(plain < TIMESTAMP '{}' OR plain >= TIMESTAMP '{}')", each.from, each.to);
    }
    const auto found =
        rows(fmt::format("SELECT count(*), CAST(min(plain) AS VARCHAR), (SELECT count(*) FROM expected WHERE "
                         "zone = '{0}') FROM expected "
                         "WHERE zone = '{0}' AND {2} AND ({1})",
                         zone, wrong, compared));
    if (found.empty() || found[0][2] == "0") return "no rows";
    return found[0][0] == "0" ? ""
                              : fmt::format("{} of {}, from {} on", found[0][0], found[0][2], found[0][1]);
  }

  TemporaryFolder folder_;
};

constexpr const char* kNoZones = "skipped: needs python3 and tzdata (dev/scripts/setup.sh --tools test)";

TEST_F(ZoneInfo, Buckets_ChangesOfOffset_AreThoseOfPython) {
  // Half hours, a change of half an hour, midnights that are skipped or occur twice, changes at one minute
  // past midnight, a day that never was, four changes a year.
  std::vector<std::string> zones = {"Europe/Berlin",
                                    "America/New_York",
                                    "America/Havana",
                                    "Australia/Lord_Howe",
                                    "Asia/Kolkata",
                                    "Asia/Kathmandu",
                                    "America/St_Johns",
                                    "Pacific/Apia",
                                    "America/Sao_Paulo",
                                    "Africa/Casablanca",
                                    "Asia/Beirut",
                                    "Africa/Cairo",
                                    "Asia/Tehran",
                                    "Antarctica/Troll",
                                    "Europe/Dublin",
                                    "Pacific/Chatham",
                                    "Africa/Monrovia",
                                    "Etc/GMT+12",
                                    "UTC"};
  if (std::getenv("OFFLOADER_SOAK") != nullptr) {
    const auto all = catalog::zone_names();
    zones.assign(all.begin(), all.end());
  }
  if (!expect(zones)) GTEST_SKIP() << kNoZones;
  for (const std::string& zone : zones) EXPECT_EQ(differences(zone), "") << zone;
}

}  // namespace
}  // namespace offloader::duckdb
