#include "bucket_block.h"

#include <algorithm>
#include <array>

#include "offloader/catalog/time_zone.h"

namespace offloader::catalog {
namespace {

constexpr std::string_view kCode = "invalid_bucket";
constexpr std::array<std::string_view, 4> kFields = {"grain", "timezone", "week_start", "fill"};
constexpr std::array<std::string_view, 1> kParamFields = {"param"};
constexpr auto kGrainWords = words_of(kGrains);
constexpr std::array<std::string_view, 2> kWeekWords = {"monday", "sunday"};
constexpr std::array<std::string_view, 2> kFillWords = {"null", "zero"};

bool is_instant(ColumnType type) {
  return type == ColumnType::timestamp || type == ColumnType::timestamptz;
}

class BucketReader {
 public:
  BucketReader(const Fields& fields, std::optional<SizedType> type, const ParamDrafts& params,
               std::set<std::size_t>& used, Bucket& bucket)
      : fields_(fields), type_(type), params_(params), used_(used), bucket_(bucket) {}

  void read() {
    read_grain(fields_.get("grain", Need::required));
    read_zone(fields_.at("timezone"));
    if (const auto day = fields_.choice("week_start", Need::optional, kWeekWords, kCode))
      bucket_.week_start = static_cast<WeekStart>(*day);
    read_fill();
  }

 private:
  static bool is_choice(const Value& at) { return at.node->kind == yaml::Kind::map; }

  void read_grain(const Value& at) {
    if (!at.present()) return;
    if (!is_choice(at)) {
      if (const auto word = as_text(at); word && check_grain(at, *word)) {
        bucket_.grain = grain_of(*word)->grain;
        bucket_.hourly = bucket_.grain == Grain::hour;
      }
      return;
    }
    const auto param = read_param(at, "grain", [&](const Value& place, const std::string& value) {
      if (const GrainRow* const row = grain_of(value); row != nullptr && row->grain == Grain::hour)
        bucket_.hourly = true;
      return check_grain(place, value);
    });
    if (!param) return;
    const Param& declared = params_.list()[*param].param;
    if (!declared.required && !declared.has_default()) {
      at.report(kCode, "a request without the param \"" + declared.name + "\" would have no grain",
                "give the param a default, or make it required");
    }
    bucket_.grain_param = param;
  }

  void read_zone(const Value& at) {
    if (!at.present()) return;
    if (type_ && *type_ == ColumnType::date) {
      at.report(kCode, "the column is a DATE, which has no time zone", "remove `timezone`");
      return;
    }
    if (is_choice(at)) {
      bucket_.zone_param = read_param(at, "timezone", check_zone);
      return;
    }
    if (const auto name = as_text(at); name && check_zone(at, *name)) bucket_.zone = *name;
  }

  // YAML has one value for `fill: null` and for `fill:`.
  void read_fill() {
    const Value at = fields_.written("fill");
    if (!at.present()) return;
    if (at.is_null()) {
      bucket_.fill = Fill::null;
    } else if (const auto word = fields_.choice("fill", Need::optional, kFillWords, kCode)) {
      bucket_.fill = *word == 0 ? Fill::null : Fill::zero;
    }
  }

  static const GrainRow* grain_of(std::string_view word) { return find_row(kGrains, &GrainRow::name, word); }

  bool check_grain(const Value& at, const std::string& word) const {
    const GrainRow* const row = grain_of(word);
    if (row == nullptr) {
      at.report(kCode, at.source->quote(word) + " is not a grain",
                [&] { return hint_for_words(word, kGrainWords); });
    } else if (row->grain == Grain::hour && type_ && *type_ == ColumnType::date) {
      at.report(kCode, "a DATE has no hours", "use `day` or a longer grain, or a column with times");
      return false;
    }
    return row != nullptr;
  }

  static bool check_zone(const Value& at, const std::string& name) {
    if (is_zone(name)) return true;
    at.report(kCode, at.source->quote(name) + " is not the name of a time zone", [&] {
      const auto names = zone_names();
      const std::vector<std::string> known(names.begin(), names.end());
      const std::string near = hint_for(name, known, "time zones");
      return near.empty() ? "write an IANA name such as Europe/Berlin" : near;
    });
    return false;
  }

  // Reads `{param: name}`. Returns the param if it is an enum whose values are all accepted by `check`.
  template <typename Check>
  std::optional<std::size_t> read_param(const Value& at, std::string_view what, Check check) {
    const Fields choice(at, kParamFields);
    if (!choice.readable()) return std::nullopt;
    const auto name = choice.text("param", Need::required);
    if (!name) return std::nullopt;
    const Value place = choice.at("param");
    const auto param = params_.find(*name);
    if (!param) {
      place.report("unknown_param", "unknown param " + place.source->quote(*name),
                   [&] { return params_.hint_for(*name); });
      return std::nullopt;
    }
    used_.insert(*param);
    const ParamDraft& draft = params_.list()[*param];
    if (!draft.type_known) return std::nullopt;
    if (draft.param.type != ParamType::enumeration || draft.param.list_max) {
      place.report(kCode, "the param that chooses the " + std::string(what) + " must be an enum of one value",
                   "write `type: enum` and list the values");
      return std::nullopt;
    }
    bool good = true;
    for (const std::string& value : draft.param.enum_values) good = check(place, value) && good;
    return good ? param : std::nullopt;
  }

  const Fields& fields_;
  std::optional<SizedType> type_;
  const ParamDrafts& params_;
  std::set<std::size_t>& used_;
  Bucket& bucket_;
};

}  // namespace

void read_bucket(const Fields& select, std::optional<SizedType> type, const ParamDrafts& params,
                 std::set<std::size_t>& used, std::optional<Bucket>& bucket) {
  const Value at = select.at("bucket");
  const Fields fields(at, kFields, "write `bucket: {grain: day}`");
  if (!fields.readable()) return;
  if (select.at("agg").present()) {
    at.report(kCode, "a select has either a `bucket` or an `agg`", "remove one of them");
  }
  if (type && *type != ColumnType::date && !is_instant(*type)) {
    select.at("column").report(
        kCode, "a bucket needs DATE, TIMESTAMP or TIMESTAMPTZ, but the column is " + name_of(*type),
        "remove `bucket`, or select another column");
    type.reset();
  }
  BucketReader(fields, type, params, used, bucket.emplace()).read();
}

}  // namespace offloader::catalog
