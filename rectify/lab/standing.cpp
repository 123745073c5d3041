#include "rectify/lab/standing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/statistics.h"
#include "rectify/report/format.h"

namespace rectify::lab {

namespace {

using report::Standing;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The t of a two-sided interval of 95 %. Bisection takes milliseconds, and few numbers of seeds
/// occur, so each is found once.
double interval_t(std::size_t degrees) {
  static std::mutex mutex;
  static std::map<std::size_t, double> found;
  const std::lock_guard lock(mutex);
  const auto [at, fresh] = found.try_emplace(degrees, 0.0);
  if (fresh) at->second = t_quantile(0.05, static_cast<double>(degrees));
  return at->second;
}

std::string number(double value) { return report::significant_text(value, 4); }

/// A number as it was printed: "5.9e-6" is 5.9e-6, give or take half a unit of the last digit.
struct Printed {
  double value = 0, half_unit = 0;
};

Printed printed(const Json& json, const std::string& where) {
  if (json.is_number()) return {json.get<double>(), 0};
  const std::string text = json.is_text() ? json.get<std::string>() : "";
  const std::optional<double> value = parse_number(text);
  if (!value) fail(where, ": ", json.dump(), " is not a number");
  const std::size_t e = text.find_first_of("eE");
  const std::string digits = text.substr(0, e);
  const std::size_t point = digits.find('.');
  const auto decimals =
      point == std::string::npos ? 0 : static_cast<int>(digits.size() - point) - 1;
  const double power = e == std::string::npos ? 0 : parse_number(text.substr(e + 1)).value_or(0);
  // A little more: the nearest double of a rounded number may lie just beyond the half.
  return {*value, 0.5000001 * std::pow(10, power - decimals)};
}

void check_names(const Json& json, const std::string& where) {
  static const std::vector<std::string> known = {"by",   "above",  "below",    "near",    "between",
                                                 "size", "within", "absolute", "doubtful"};
  for (const auto& [name, value] : json.members())
    if (!std::ranges::count(known, name))
      fail(where, " has no '", name, "'", suggestion(name, known));
}

bool truth(const Json& json, const char* name) {
  return json.contains(name) && json.at(name).get<bool>();
}

/// What a recipe gives a printed number on either side: its own tolerance, which the text says, or
/// what rounding may have hidden.
double tolerance(const Json& json, const Printed& value, Said& said) {
  if (!json.contains("within")) return value.half_unit;
  return said.within = json.at("within").get<double>();
}

/// The claimed size of an effect, if there is one.
void take_size(const Json& json, const std::string& where, Said& said) {
  said.low = said.high = nothing;
  if (!json.contains("size")) return;
  const Json& size = json.at("size");
  if (size.is_array()) {
    const auto ends = size.get<std::vector<double>>();
    if (ends.size() != 2 || !(ends[0] <= ends[1]))
      fail(where, ": size is a number, or two of which the first is not the larger");
    said.low = ends[0];
    said.high = ends[1];
    return;
  }
  const Printed value = printed(size, where);
  const double within = tolerance(json, value, said);
  said.low = value.value - within;
  said.high = value.value + within;
  said.figure =
      said.kind == Said::Kind::above ? said.bound + value.value : said.bound - value.value;
}

void take_limits(const Json& json, const std::string& where, Said& said) {
  said.kind = Said::Kind::between;
  if (json.contains("between")) {
    const auto ends = json.at("between").get<std::vector<double>>();
    if (ends.size() != 2 || !(ends[0] <= ends[1]))
      fail(where, ": between wants two numbers, of which the first is not the larger");
    const double within = tolerance(json, {}, said);
    said.low = ends[0] - within;
    said.high = ends[1] + within;
    return;
  }
  const Printed value = printed(json.at("near"), where);
  const double within = tolerance(json, value, said);
  said.figure = value.value;
  said.low = value.value - within;
  said.high = value.value + within;
}

Assessment unknown(std::string reason) { return {Standing::cannot_be_told, std::move(reason)}; }

/// "the 95 % interval 0.31 to 0.55", "the value 5.9e-06".
std::string found(const Sample& s, const std::string& unit) {
  if (s.exact || s.low == s.high) return concat("the value ", number(s.mean), unit);
  return concat("the 95 % interval ", number(s.low), " to ", number(s.high), unit);
}

Assessment assess_limits(const Said& said, const Sample& s, const std::string& unit) {
  const std::string limits = concat(number(said.low), " to ", number(said.high), unit);
  if (s.low == said.low && s.high == said.high && s.low == s.high)
    return {Standing::holds, concat(found(s, unit), " is the claimed one")};
  if (s.low >= said.low && s.high <= said.high)
    return {Standing::holds, concat(found(s, unit), " lies within ", limits)};
  if (s.high < said.low || s.low > said.high)
    return {Standing::does_not_hold, concat(found(s, unit), " lies outside ", limits)};
  return unknown(concat(found(s, unit), " reaches over an end of ", limits));
}

Assessment assess_direction(const Said& said, const Sample& s, const std::string& unit) {
  const bool up = said.kind == Said::Kind::above;
  const double low = up ? s.low - said.bound : said.bound - s.high;
  const double high = up ? s.high - said.bound : said.bound - s.low;
  const std::string bound = concat(number(said.bound), unit);
  const std::string right = up ? " lies above " : " lies below ";
  if (high < 0)
    return {Standing::does_not_hold,
            concat(found(s, unit), up ? " lies below " : " lies above ", bound)};
  if (high == 0 && low == 0)
    return {Standing::does_not_hold, concat(found(s, unit), " is not beyond ", bound)};
  const std::string size =
      concat("a difference of ", number(said.low), " to ", number(said.high), unit);
  const bool too_small = high < said.low;  // false without a size, whose ends are NaN
  const bool too_large = low > said.high;
  if (low <= 0 && !too_small) return unknown(concat(found(s, unit), " has ", bound, " in it"));
  if (low <= 0)
    return {Standing::does_not_hold,
            concat(found(s, unit), " has ", bound, " in it, and is not compatible with ", size)};
  if (std::isnan(said.low)) return {Standing::holds, concat(found(s, unit), right, bound)};
  if (too_small || too_large)
    return {Standing::direction_only,
            concat(found(s, unit), right, bound, ", but is not compatible with ", size)};
  return {Standing::holds, concat(found(s, unit), right, bound, " and is compatible with ", size)};
}

}  // namespace

Said Said::from(const Json& json, const std::string& where) {
  if (!json.is_object()) fail(where, " is a table, such as {by = \"C\", above = 0}");
  check_names(json, where);
  Said said;
  if (!json.contains("by")) fail(where, ": by is missing: who says so");
  said.by = json.at("by").get<std::string>();
  said.absolute = truth(json, "absolute");
  said.doubtful = truth(json, "doubtful");
  int ways = 0;
  for (const char* way : {"above", "below", "near", "between"}) ways += json.contains(way);
  if (ways != 1) fail(where, " wants one of above, below, near and between, and has ", ways);
  if (json.contains("near") || json.contains("between")) {
    if (json.contains("size")) fail(where, ": size goes with above or below");
    take_limits(json, where, said);
    return said;
  }
  said.kind = json.contains("above") ? Kind::above : Kind::below;
  said.bound = json.at(said.kind == Kind::above ? "above" : "below").get<double>();
  take_size(json, where, said);
  return said;
}

std::string Said::text(const std::string& unit) const {
  const std::string give_or_take = within > 0 ? " ± " + number(within) : "";
  const auto range = [&](double from, double to) {
    return from == to ? number(from) : concat(number(from), " to ", number(to));
  };
  if (kind == Kind::between)
    return concat(std::isnan(figure) ? range(low + within, high - within) : number(figure),
                  give_or_take, unit);
  std::string words = concat(kind == Kind::above ? "above " : "below ", number(bound), unit);
  if (std::isnan(low)) return words;
  if (std::isnan(figure)) return concat(words, ", by ", range(low, high), unit);
  return concat(words, ", by ", number(std::abs(figure - bound)), give_or_take, unit);
}

Sample::Sample(std::vector<double> all, bool is_exact) : values(std::move(all)), exact(is_exact) {
  const bool finite =
      !values.empty() && std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
  if (!finite) {
    mean = low = high = nothing;
    return;
  }
  const Spread s = spread(values);
  mean = low = high = s.mean;
  if (exact) return;
  if (values.size() < 2) {
    low = high = nothing;
    return;
  }
  if (s.sd == 0) return;
  const auto n = static_cast<double>(values.size());
  const double reach = interval_t(values.size() - 1) * s.sd / std::sqrt(n);
  low = s.mean - reach;
  high = s.mean + reach;
}

Assessment assess(const Said& said, const Sample& sample, bool stand_in, const std::string& unit) {
  if (sample.values.empty() ||
      std::ranges::all_of(sample.values, [](double v) { return std::isnan(v); }))
    return unknown("no run has it: this mode leaves a cell out, or training went non-finite");
  if (!std::isfinite(sample.mean)) return unknown("a run has no figure: it went non-finite");
  if (stand_in && said.absolute)
    return unknown(
        "the data are not the claim's own, or only a part of them, so only differences tell "
        "something");
  if (std::isnan(sample.low))
    return unknown("one seed has no spread; run it with --seeds 3 or more");
  return said.kind == Said::Kind::between ? assess_limits(said, sample, unit)
                                          : assess_direction(said, sample, unit);
}

}  // namespace rectify::lab
