#include "rectify/verify/formula.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::verify {

namespace {

/// Doubles that cases may be written with while `or`s are multiplied out: seconds of work, not
/// hours.
constexpr double most_work = 1 << 28;
/// Doubles of all cases: 512 MiB.
constexpr double most_numbers = 1 << 26;

/// Whether no output is in both half spaces because their planes are parallel.
bool contradict(const HalfSpace& a, const HalfSpace& b) {
  if (!(a.bound + b.bound < 0)) return false;
  for (std::size_t j = 0; j < a.coefficients.size(); ++j)
    if (a.coefficients[j] != -b.coefficients[j]) return false;
  return true;
}

/// The largest bound that means the same for outputs in float32 as "below 0". Each product is a
/// multiple of 2^-149 times the last bit of its coefficient, and so is their sum.
double below_zero(const std::map<Variable, double>& terms) {
  int lowest = 0;
  for (const auto& [variable, coefficient] : terms) {
    int exponent = 0;
    double mantissa = std::frexp(coefficient, &exponent);  // coefficient = mantissa 2^exponent
    for (; mantissa != std::floor(mantissa); mantissa *= 2) --exponent;
    lowest = std::min(lowest, exponent);
  }
  return -std::ldexp(1.0, lowest - 149);
}

class Expansion {
 public:
  Expansion(const std::string& name, VnnLib& file) : name_(name), file_(file) {}

  /// The cases in which `begin` and all parts hold.
  std::vector<Unsafe> all_of(std::span<const Formula> parts, Unsafe begin) {
    bool possible = true;
    narrow(parts, begin, possible);
    if (!possible) {
      ++file_.empty_cases;
      return {};
    }
    std::vector<Unsafe> cases;
    cases.push_back(std::move(begin));
    multiply(parts, cases);
    return cases;
  }

 private:
  /// The inequalities that hold in every case, which are cheaper before the multiplication.
  void narrow(std::span<const Formula> parts, Unsafe& unsafe, bool& possible) {
    for (const Formula& part : parts) {
      if (part.kind == Formula::Kind::all) narrow(part.parts, unsafe, possible);
      if (part.kind == Formula::Kind::inequality) possible &= add(part.inequality, unsafe);
    }
  }

  void multiply(std::span<const Formula> parts, std::vector<Unsafe>& cases) {
    for (const Formula& part : parts) {
      if (part.kind == Formula::Kind::all) multiply(part.parts, cases);
      if (part.kind != Formula::Kind::any) continue;
      std::vector<Unsafe> next;
      for (const Unsafe& before : cases)
        for (const Formula& option : part.parts) {
          work(numbers_of(before));
          for (Unsafe& unsafe : all_of(std::span(&option, 1), before)) {
            next.push_back(std::move(unsafe));
            count(next);
          }
        }
      cases = std::move(next);
    }
  }

  /// Adds a constraint to a case. False where nothing is left of the case.
  bool add(const Inequality& inequality, Unsafe& unsafe) {
    work(4 + static_cast<double>(inequality.terms.size()));
    if (inequality.terms.empty())
      return inequality.strict ? 0 < inequality.bound : 0 <= inequality.bound;
    if (inequality.terms.begin()->first.output) return add_half_space(inequality, unsafe);
    if (inequality.terms.size() > 1)
      fail("'", name_, "', line ", inequality.line, " constrains X_",
           inequality.terms.begin()->first.index, " and X_",
           std::next(inequality.terms.begin())->first.index,
           " together, but inputs must lie in a box: bound each of them alone");
    return add_bound(inequality, unsafe.inputs);
  }

  /// Rounds away from what is inside of the box, so that no input of it is left out.
  bool add_bound(const Inequality& inequality, Box& box) {
    const auto& [variable, factor] = *inequality.terms.begin();
    double end = inequality.bound / factor;
    const bool exact = std::fma(end, factor, -inequality.bound) == 0;
    if (!(std::abs(end) <= std::numeric_limits<float>::max()))
      fail("'", name_, "', line ", inequality.line, " bounds X_", variable.index, " by ",
           number_text(end), ", which no number in float32 reaches (3.4e38); give a smaller bound");
    const double outward = factor > 0 ? INFINITY : -INFINITY;
    if (!exact) end = std::nextafter(end, outward);
    if (exact && inequality.strict) end = std::nextafter(end, -outward);
    file_.closed |= !exact && inequality.strict;
    double& lower = box.lower[variable.index];
    double& upper = box.upper[variable.index];
    if (factor > 0)
      upper = std::min(upper, end);
    else
      lower = std::max(lower, end);
    return lower <= upper;
  }

  bool add_half_space(const Inequality& inequality, Unsafe& unsafe) {
    HalfSpace half{std::vector<double>(file_.outputs), inequality.bound};
    for (const auto& [variable, factor] : inequality.terms)
      half.coefficients[variable.index] = factor;
    if (inequality.strict) {
      const double factor = std::abs(inequality.terms.begin()->second);
      if (inequality.bound == 0)
        half.bound = below_zero(inequality.terms);
      else if (inequality.terms.size() == 1 && factor == 1)
        half.bound = std::nextafter(half.bound, -INFINITY);
      file_.closed |= half.bound == inequality.bound;
    }
    work(static_cast<double>((1 + unsafe.outputs.size()) * file_.outputs));
    for (const HalfSpace& other : unsafe.outputs)
      if (contradict(half, other)) return false;
    unsafe.outputs.push_back(std::move(half));
    return true;
  }

  double numbers_of(const Unsafe& unsafe) const {
    return 16 + 2 * static_cast<double>(file_.inputs) +
           static_cast<double>(unsafe.outputs.size() * file_.outputs);
  }

  void work(double numbers) {
    work_ += numbers;
    if (work_ > most_work) too_many();
  }

  void count(const std::vector<Unsafe>& cases) const {
    if (cases.size() > most_cases ||
        static_cast<double>(cases.size()) * numbers_of(cases.back()) > most_numbers)
      too_many();
  }

  [[noreturn]] void too_many() const {
    fail("'", name_, "' has too many cases once each 'or' is multiplied out (at most ",
         count_text(static_cast<std::int64_t>(most_cases)),
         ", fewer of many inputs); put some of them into a file of their own");
  }

  const std::string& name_;
  VnnLib& file_;
  double work_ = 0;
};

void check_case(const Unsafe& unsafe, const std::string& name) {
  const Box& box = unsafe.inputs;
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    if (std::isinf(box.lower[i]) || std::isinf(box.upper[i]))
      fail("'", name, "' gives X_", i, " no ", std::isinf(box.lower[i]) ? "lower" : "upper",
           " bound; every input needs both: (assert (>= X_", i, " ...)) and (assert (<= X_", i,
           " ...))");
  if (unsafe.outputs.empty())
    fail("'", name, "' has a case without a constraint on outputs, in which all inputs would be ",
         "unsafe; assert what Y_0, ... must not be");
}

}  // namespace

void put_cases(const Formula& assertions, const std::string& name, VnnLib& file) {
  const Unsafe everything{
      {std::vector<double>(file.inputs, -INFINITY), std::vector<double>(file.inputs, INFINITY)},
      {}};
  Expansion expansion(name, file);
  file.property.cases = expansion.all_of(std::span(&assertions, 1), everything);
  for (const Unsafe& unsafe : file.property.cases) check_case(unsafe, name);
}

}  // namespace rectify::verify
