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

/// So many equal values decide. On 20 test samples two networks that are alike have the same
/// difference upwards with two seeds in up to 6 % of experiments, with three in less than 2.5 %.
constexpr std::size_t fewest_equal = 3;

/// So many values on the bound refute that most lie beyond it: 2^-6 is below 2.5 %.
constexpr std::size_t fewest_on_bound = 6;

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

/// "10 to 40", "64".
std::string range_text(double from, double to) {
  const std::string first = number(from), last = number(to);
  return first == last ? first : concat(first, " to ", last);
}

double finite_number(const Json& table, const char* name, const std::string& where) {
  const double value = table.at(name).get<double>();
  if (!std::isfinite(value)) fail(where, ": ", name, " wants a finite number");
  return value;
}

void refuse_negative(double value, const char* name, const std::string& where) {
  if (value < 0) fail(where, ": ", name, " is 0 or more, not ", number(value));
}

/// Two finite numbers in order; else Error, which says what is wanted.
std::vector<double> two_ends(const Json& list, const std::string& wanted) {
  const auto ends = list.get<std::vector<double>>();
  const bool finite = std::ranges::all_of(ends, [](double end) { return std::isfinite(end); });
  if (ends.size() != 2 || !finite || ends[0] > ends[1]) fail(wanted);
  return ends;
}

/// A number as it was printed: "5.9e-6" is 5.9e-6, give or take half a unit of the last digit.
struct Printed {
  double value = 0, half_unit = 0;
};

/// A number that is not a text: what computing it another way may round it to is the same.
Printed plain(double value) { return {value, 1e-9 * std::abs(value)}; }

Printed printed(const Json& table, const char* name, const std::string& where) {
  const Json& json = table.at(name);
  if (json.is_number()) return plain(finite_number(table, name, where));
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
double tolerance(const Json& json, const Printed& value, const std::string& where, Said& said) {
  if (!json.contains("within")) return value.half_unit;
  said.within = finite_number(json, "within", where);
  refuse_negative(said.within, "within", where);
  return said.within;
}

/// The claimed size of an effect, if there is one.
void take_size(const Json& json, const std::string& where, Said& said) {
  said.low = said.high = nothing;
  const bool is_number = json.contains("size") && !json.at("size").is_array();
  if (json.contains("within") && !is_number)
    fail(where, ": within changes nothing; it goes with near, between or a size of one number");
  if (!json.contains("size")) return;
  if (!is_number) {
    const auto ends =
        two_ends(json.at("size"), where + ": size is a number, or two, the first not the larger");
    refuse_negative(ends[0], "size", where);
    said.low = ends[0] - plain(ends[0]).half_unit;
    said.high = ends[1] + plain(ends[1]).half_unit;
    return;
  }
  const Printed value = printed(json, "size", where);
  refuse_negative(value.value, "size", where);
  const double within = tolerance(json, value, where, said);
  said.low = value.value - within;
  said.high = value.value + within;
  said.figure =
      said.kind == Said::Kind::above ? said.bound + value.value : said.bound - value.value;
}

void take_limits(const Json& json, const std::string& where, Said& said) {
  said.kind = Said::Kind::between;
  if (json.contains("between")) {
    const auto ends =
        two_ends(json.at("between"), where + ": between is two numbers, the first not the larger");
    said.low = ends[0] - tolerance(json, plain(ends[0]), where, said);
    said.high = ends[1] + tolerance(json, plain(ends[1]), where, said);
    return;
  }
  const Printed value = printed(json, "near", where);
  const double within = tolerance(json, value, where, said);
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
  const std::string limits = range_text(said.low, said.high) + unit;
  const bool one_number = s.low == s.high && number(said.low) == number(said.high);
  if (s.low >= said.low && s.high <= said.high)
    return {Standing::holds, one_number ? found(s, unit) + " is the claimed one"
                                        : concat(found(s, unit), " lies within ", limits)};
  if (s.high < said.low || s.low > said.high)
    return {Standing::does_not_hold, concat(found(s, unit), " lies outside ", limits)};
  return unknown(concat(found(s, unit), " reaches over an end of ", limits));
}

/// Of values that are the bound itself.
Assessment assess_on_bound(const Sample& s, const std::string& bound, const std::string& unit) {
  const std::string text = concat(found(s, unit), " is not beyond ", bound);
  if (s.exact || s.values.size() >= fewest_on_bound) return {Standing::does_not_hold, text};
  return unknown(
      concat("equal in all runs: ", text, "; run it with --seeds ", fewest_on_bound, " or more"));
}

Assessment assess_direction(const Said& said, const Sample& s, const std::string& unit) {
  const bool up = said.kind == Said::Kind::above;
  const double low = up ? s.low - said.bound : said.bound - s.high;
  const double high = up ? s.high - said.bound : said.bound - s.low;
  const std::string bound = concat(number(said.bound), unit);
  const std::string right = up ? " lies above " : " lies below ";
  const bool too_small = high < said.low;  // false without a size, whose ends are NaN
  const bool too_large = low > said.high;
  const bool on_bound = s.low == s.high && is_rounding(s.mean - said.bound, {s.mean, said.bound});
  if (on_bound && !too_small) return assess_on_bound(s, bound, unit);
  if (high < 0 && !on_bound)
    return {Standing::does_not_hold,
            concat(found(s, unit), up ? " lies below " : " lies above ", bound)};
  const std::string size = concat("a difference of ", range_text(said.low, said.high), unit);
  if (low <= 0 && !too_small) return unknown(concat(found(s, unit), " has ", bound, " in it"));
  if (low <= 0 || on_bound)
    return {Standing::does_not_hold,
            concat(found(s, unit),
                   on_bound ? concat(" is not beyond ", bound) : concat(" has ", bound, " in it"),
                   ", and is not compatible with ", size)};
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
  said.bound = finite_number(json, said.kind == Kind::above ? "above" : "below", where);
  take_size(json, where, said);
  return said;
}

std::string Said::text(const std::string& unit) const {
  const std::string give_or_take = within > 0 ? " ± " + number(within) : "";
  if (kind == Kind::between)
    return concat(std::isnan(figure) ? range_text(low + within, high - within) : number(figure),
                  give_or_take, unit);
  std::string words = concat(kind == Kind::above ? "above " : "below ", number(bound), unit);
  if (std::isnan(low)) return words;
  if (std::isnan(figure)) return concat(words, ", by ", range_text(low, high), unit);
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
  if (values.size() < 2 || is_rounding(s.sd, values)) {
    mean = low = high = values.front();  // of which a mean may be one rounding off
    if (values.size() < fewest_equal) low = high = nothing;
    return;
  }
  const auto n = static_cast<double>(values.size());
  const double reach = interval_t(values.size() - 1) * s.sd / std::sqrt(n);
  low = s.mean - reach;
  high = s.mean + reach;
}

Assessment assess(const Said& said, const Sample& sample, bool stand_in, const std::string& unit,
                  const std::string& missing) {
  if (!std::isfinite(sample.mean)) return unknown(missing);
  if (stand_in && said.absolute)
    return unknown(
        "the data are not the claim's own, or only a part of them, so only differences tell "
        "something");
  if (std::isnan(sample.low))
    return unknown(concat(sample.values.size() == 1 ? "one seed has" : "two equal values have",
                          " no spread; run it with --seeds ", fewest_equal, " or more"));
  return said.kind == Said::Kind::between ? assess_limits(said, sample, unit)
                                          : assess_direction(said, sample, unit);
}

}  // namespace rectify::lab
