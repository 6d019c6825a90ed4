#include "reference_zone.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

namespace offloader::executor::testing::model {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400;

std::int64_t floor_of(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "a zone file is not understood: %s\n", what.c_str());
  std::abort();
}

// Reads big-endian numbers.
class Bytes {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}

  std::int64_t number(int width) {
    if (at_ + static_cast<std::size_t>(width) > bytes_.size()) refuse("it ends early");
    std::uint64_t value =
        static_cast<unsigned char>(bytes_[at_]) >= 0x80 && width != 1 ? ~std::uint64_t{0} : 0;
    for (int i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at_++]);
    return static_cast<std::int64_t>(value);
  }
  void skip(std::int64_t count) { at_ += static_cast<std::size_t>(count); }
  [[nodiscard]] std::string rest() const { return bytes_.substr(std::min(at_, bytes_.size())); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Header {
  std::int64_t utc_flags, standard_flags, leaps, times, types, letters;

  explicit Header(Bytes& bytes) {
    if (bytes.number(4) != 0x545A6966) refuse("it does not begin with TZif");  // "TZif"
    bytes.skip(16);
    utc_flags = bytes.number(4);
    standard_flags = bytes.number(4);
    leaps = bytes.number(4);
    times = bytes.number(4);
    types = bytes.number(4);
    letters = bytes.number(4);
  }
  [[nodiscard]] std::int64_t size(int width) const {
    return times * width + times + types * 6 + letters + leaps * (width + 4) + standard_flags + utc_flags;
  }
};

// Reads the footer, a TZ variable of POSIX.
class Footer {
 public:
  explicit Footer(const std::string& text) : text_(text) {}

  [[nodiscard]] bool more() const { return at_ < text_.size() && text_[at_] != '\n'; }
  bool take(char c) {
    const bool found = at_ < text_.size() && text_[at_] == c;
    at_ += found ? 1 : 0;
    return found;
  }
  void name() {
    if (take('<')) {
      while (!take('>')) ++at_;
      return;
    }
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  std::int64_t number() {
    std::int64_t value = 0;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
      value = value * 10 + (text_[at_++] - '0');
    if (at_ == begin) refuse("its footer is " + text_);
    return value;
  }
  // [+-]hh[:mm[:ss]] in seconds.
  std::int64_t time() {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int64_t seconds = number() * 3600;
    if (take(':')) seconds += number() * 60;
    if (take(':')) seconds += number();
    return negative ? -seconds : seconds;
  }

 private:
  const std::string& text_;
  std::size_t at_ = 1;  // after the line feed that begins it
};

}  // namespace

std::optional<Zone> Zone::load(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  Bytes bytes(std::string(std::istreambuf_iterator<char>(file), {}));
  bytes.skip(Header(bytes).size(4));
  const Header header(bytes);
  Zone zone;
  std::vector<std::int64_t> times;
  std::vector<std::size_t> types;
  std::vector<std::int64_t> offsets;
  for (std::int64_t i = 0; i < header.times; ++i) times.push_back(bytes.number(8));
  for (std::int64_t i = 0; i < header.times; ++i) types.push_back(static_cast<std::size_t>(bytes.number(1)));
  for (std::int64_t i = 0; i < header.types; ++i) {
    offsets.push_back(bytes.number(4));
    bytes.skip(2);
  }
  bytes.skip(header.letters + header.leaps * 12 + header.standard_flags + header.utc_flags);
  zone.first_ = offsets.at(0);
  for (std::size_t i = 0; i < times.size(); ++i) zone.changes_.push_back({times[i], offsets.at(types[i])});
  zone.read_footer(bytes.rest());
  return zone;
}

void Zone::read_footer(const std::string& text) {
  Footer footer(text);
  if (!footer.more()) refuse("it has no footer");
  footer.name();
  standard_ = -footer.time();
  if (!footer.more()) return;
  footer.name();
  summer_ = standard_ + 3600;
  if (!footer.take(',')) {
    summer_ = -footer.time();
    footer.take(',');
  }
  const auto rule = [&] {
    if (!footer.take('M')) refuse("a rule of " + text);
    Rule out;
    out.month = static_cast<int>(footer.number());
    footer.take('.');
    out.week = static_cast<int>(footer.number());
    footer.take('.');
    out.weekday = static_cast<int>(footer.number());
    out.seconds = footer.take('/') ? footer.time() : 7200;
    return out;
  };
  begin_ = rule();
  footer.take(',');
  end_ = rule();
}

std::int64_t Zone::local_time(const Rule& rule, std::int64_t year) {
  using namespace std::chrono;
  const auto month_of_rule =
      std::chrono::year(static_cast<int>(year)) / month(static_cast<unsigned>(rule.month));
  const weekday day(static_cast<unsigned>(rule.weekday));
  const sys_days found = rule.week == 5 ? sys_days(month_of_rule / day[last])
                                        : sys_days(month_of_rule / day[static_cast<unsigned>(rule.week)]);
  return found.time_since_epoch().count() * kDay + rule.seconds;
}

std::int64_t Zone::offset(std::int64_t at) const {
  const bool by_rule = changes_.empty() || at >= changes_.back().at;
  if (!by_rule || (changes_.empty() && !begin_)) {
    const auto after =
        std::upper_bound(changes_.begin(), changes_.end(), at,
                         [](std::int64_t time, const Change& change) { return time < change.at; });
    return after == changes_.begin() ? first_ : (after - 1)->offset;
  }
  if (!begin_) return changes_.back().offset;
  using namespace std::chrono;
  const sys_days day{days(floor_of(at + standard_, kDay) / kDay)};
  const auto year = static_cast<int>(year_month_day(day).year());
  const std::int64_t begin = local_time(*begin_, year) - standard_;
  const std::int64_t end = local_time(*end_, year) - summer_;
  const bool summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return summer ? summer_ : standard_;
}

std::int64_t Zone::day(std::int64_t micros) const {
  const std::int64_t at = floor_of(micros, kSecond) / kSecond;
  return floor_of(at + offset(at), kDay) / kDay;
}

std::int64_t Zone::hour(std::int64_t micros) const {
  const std::int64_t at = floor_of(micros, kSecond) / kSecond;
  const std::int64_t local = at + offset(at);
  return (at - (local - floor_of(local, 3600))) * kSecond;
}

std::optional<std::int64_t> Zone::first_instant(std::int64_t day) const {
  const std::int64_t midnight = day * kDay;
  // The day begins at a midnight by some offset near it, or where the offset changes, which it does not do
  // twice in six hours.
  constexpr std::int64_t kStep = 6 * 3600;
  std::set<std::int64_t> starts;
  for (std::int64_t at = midnight - 2 * kDay; at <= midnight + 2 * kDay; at += kStep) {
    starts.insert(midnight - offset(at));
    if (offset(at) == offset(at + kStep)) continue;
    std::int64_t low = at;
    std::int64_t high = at + kStep;
    while (high - low > 1) {
      const std::int64_t middle = (low + high) / 2;
      (offset(middle) == offset(at) ? low : high) = middle;
    }
    starts.insert(high);
  }
  for (const std::int64_t start : starts) {
    if (this->day(start * kSecond) == day) return start * kSecond;
  }
  return std::nullopt;
}

}  // namespace offloader::executor::testing::model
