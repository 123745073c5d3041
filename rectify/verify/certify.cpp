#include "rectify/verify/certify.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/verify/box.h"
#include "rectify/verify/checker.h"
#include "rectify/verify/combine.h"

namespace rectify::verify {

namespace {

/// Functions of more inputs are not combined, as in the search.
constexpr std::size_t most_combined_inputs = 32;
/// Splits below a part that the search left as proven, at most.
constexpr std::size_t most_further = 40;
/// Digits of slopes (hexadecimal) and weights (decimal): the first that prove a part are taken.
struct Digits {
  std::uint32_t slope;
  int weight;
};
constexpr Digits all_digits[] = {{1, 3}, {2, 5}, {4, 9}, {6, 17}};

/// Rounds to so many significant digits.
double to_digits(double x, int digits) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::general, digits);
  double rounded = x;
  std::from_chars(text, end.ptr, rounded);
  return rounded;
}

std::vector<const Record::Leaf*> pointers(const std::vector<Record::Leaf>& leaves) {
  std::vector<const Record::Leaf*> all;
  for (const Record::Leaf& leaf : leaves) all.push_back(&leaf);
  return all;
}

Weights with_digits(const Weights& weights, std::span<const float> slopes, const Digits& digits) {
  Weights rounded;
  for (const Weights::One& one : weights.halves)
    rounded.halves.push_back({one.index, to_digits(one.weight, digits.weight)});
  for (const Weights::One& one : weights.decisions)
    if (const double w = to_digits(one.weight, digits.weight); w > 0)
      rounded.decisions.push_back({one.index, w});
  rounded.digits = digits.slope;
  for (const float slope : slopes)
    rounded.slopes.push_back(
        static_cast<std::uint32_t>(std::lround(slope * Weights::steps(digits.slope))));
  return rounded;
}

/// The leaves on one side of what is decided at a depth.
std::vector<const Record::Leaf*> those_below(std::span<const Record::Leaf* const> leaves,
                                             std::size_t depth, bool positive) {
  std::vector<const Record::Leaf*> below;
  for (const Record::Leaf* leaf : leaves)
    if (leaf->decisions.at(depth).positive == positive) below.push_back(leaf);
  return below;
}

Weights weights_of(const Record::Leaf& leaf) {
  Weights weights;
  weights.halves.push_back({leaf.row, 1});
  for (std::uint32_t d = 0; d < leaf.weights.size(); ++d)
    if (leaf.weights[d] > 0) weights.decisions.push_back({d, leaf.weights[d]});
  return weights;
}

struct Stopped {};

template <class... Parts>
[[noreturn]] void refuse_to_certify(const Parts&... parts) {
  throw NotCertified(concat(parts...));
}

/// Writes the steps of a proof, and keeps the sub-problems that they make.
class Certifier {
 public:
  /// `claim_digits`: of slopes and weights for bounds of hidden numbers.
  Certifier(const Checker& checker, const Record& record, const Digits& claim_digits,
            const StopCallback& stop, const ProgressCallback& progress)
      : checker_(checker),
        record_(record),
        claim_digits_(claim_digits),
        stop_(stop),
        progress_(progress) {}

  std::string steps() {
    for (const Record::Root& root : record_.roots) {
      begin(root.cases);
      follow(root.part, checker_.root(root.cases[0], root.cases));
    }
    if (record_.roots.empty()) prove_cases();
    return std::move(text_);
  }

 private:
  void write(const Step& step) { append_step(step, text_); }
  void write(Step::Kind kind) { write(Step{kind}); }
  void begin(const std::vector<std::uint32_t>& cases) {
    write({Step::Kind::root, cases});
    numbers_.clear();
  }

  void tell() {
    if (stop_ && stop_()) throw Stopped();
    if (++told_ % 64 == 0 && progress_) progress_({concat(told_, " parts certified"), 0, -1});
  }

  /// Bounds a sub-problem anew. False where that proves it.
  bool look(SubProblem& sub) {
    tell();
    write(Step::Kind::narrow);
    if (!checker_.narrow(sub)) return false;
    if (sub.known->may_overflow) return true;
    const std::vector<Line> lines = checker_.lines_of(sub);
    const std::vector<std::uint32_t> cases = sub.cases;
    checker_.cut(sub, lines);
    if (sub.cases.empty()) return false;
    if (sub.box.lower.size() <= most_combined_inputs) combine_lines(cases, lines, sub);
    return !sub.cases.empty();
  }

  /// Proves open cases by the weights that a linear program finds. `cases`: those of the lines.
  void combine_lines(const std::vector<std::uint32_t>& cases, const std::vector<Line>& lines,
                     SubProblem& sub) {
    std::size_t begin = 0;
    for (const std::uint32_t at : cases) {
      const std::size_t own = checker_.half_spaces(sub, at), first = begin;
      begin += own;
      if (std::ranges::find(sub.cases, at) == sub.cases.end()) continue;
      std::vector<const Line*> mine;
      for (std::size_t r = 0; r < own; ++r) mine.push_back(&lines[first + r]);
      for (std::size_t d = 0; d < sub.decisions.size(); ++d)
        mine.push_back(&lines[lines.size() - sub.decisions.size() + d]);
      if (mine.empty()) continue;
      const Combination found = combine(sub.box, bounds_of(mine, sub.box));
      if (!found.is_empty) continue;
      Weights weights;
      for (std::uint32_t r = 0; r < mine.size(); ++r)
        if (const double w = found.weights[r]; w > 0)
          r < own ? weights.halves.push_back({r, w})
                  : weights.decisions.push_back({r - static_cast<std::uint32_t>(own), w});
      prove(sub, at, weights, {});
    }
  }

  static LowerBounds bounds_of(const std::vector<const Line*>& lines, const Box& box) {
    LowerBounds bounds;
    bounds.count = lines.size();
    bounds.bound.assign(lines.size(), 0.0);
    for (const Line* line : lines) {
      double lower = line->offset;
      for (std::size_t i = 0; i < box.lower.size(); ++i)
        lower += line->slopes[i] * (line->slopes[i] >= 0 ? box.lower[i] : box.upper[i]);
      bounds.lower.push_back(lower);
      bounds.slopes.insert(bounds.slopes.end(), line->slopes.begin(), line->slopes.end());
    }
    return bounds;
  }

  /// Writes that a case is proven, with as few digits as that takes. False where it is not.
  bool prove(SubProblem& sub, std::uint32_t at, const Weights& weights,
             std::span<const float> slopes) {
    for (const Digits& digits : all_digits) {
      const Step step{.kind = Step::Kind::proven,
                      .cases = {at},
                      .weights = with_digits(weights, slopes, digits)};
      if (!(checker_.margin(sub, at, step.weights, numbers_) > 0)) continue;
      write(step);
      std::erase(sub.cases, at);
      return true;
    }
    return false;
  }

  /// Follows an input search.
  void follow(std::uint32_t part, SubProblem sub) {
    if (!look(sub)) return;
    const Record::Part& of = record_.parts[part];
    switch (of.kind) {
      case Record::Part::Kind::leaf:
        split_further(std::move(sub), 0);
        break;
      case Record::Part::Kind::anew:
        write(Step::Kind::forget);
        sub.decisions.clear(), sub.known = nullptr;
        follow(of.halves[0], std::move(sub));
        break;
      case Record::Part::Kind::decide: {
        const Number number{of.number.layer, of.number.number};
        write({Step::Kind::decide, {}, {number}});
        follow(of.halves[0], checker_.decided(sub, number, false));
        follow(of.halves[1], checker_.decided(sub, number, true));
        break;
      }
      case Record::Part::Kind::split:
        // What the checker cut off may differ from what the search did.
        if (of.value <= sub.box.lower[of.axis]) return follow(of.halves[1], std::move(sub));
        if (of.value >= sub.box.upper[of.axis]) return follow(of.halves[0], std::move(sub));
        write({.kind = Step::Kind::split, .axis = of.axis, .value = of.value});
        follow(of.halves[0], Checker::half(sub, of.axis, of.value, false));
        follow(of.halves[1], Checker::half(sub, of.axis, of.value, true));
        break;
    }
  }

  /// Halves what the search proved and the checker's bounds do not.
  void split_further(SubProblem sub, std::size_t depth) {
    ++further_;
    if (depth >= most_further || sub.known->may_overflow)
      fail(
          "no certificate is written: in a part of the box the checker's bounds are not as good as "
          "the search's; give another --timeout or no --certificate");
    const std::vector<Line> lines = checker_.lines_of(sub);
    std::uint32_t best = 0;
    double most = -1;
    for (std::uint32_t i = 0; i < sub.box.lower.size(); ++i) {
      double score = 0;
      for (const Line& line : lines)
        score += std::abs(line.slopes[i]) * (sub.box.upper[i] - sub.box.lower[i]);
      if (score > most) most = score, best = i;
    }
    const double middle = sub.box.lower[best] + (sub.box.upper[best] - sub.box.lower[best]) / 2;
    write({.kind = Step::Kind::split, .axis = best, .value = middle});
    for (const bool upper : {false, true}) {
      SubProblem half = Checker::half(sub, best, middle, upper);
      if (look(half)) split_further(std::move(half), depth + 1);
    }
  }

  void prove_cases();
  void refine(const std::vector<std::uint32_t>& cases, SubProblem& sub);
  void make_claim(const Record::Claim& of, SubProblem& sub);
  double least_margin(const SubProblem& sub, std::span<const Record::Leaf* const> leaves) const;
  void name_numbers(const std::vector<Decision>& open);
  void prove_leaves(SubProblem sub, std::span<const Record::Leaf* const> leaves);
  void prove_leaf(SubProblem sub, const Record::Leaf& leaf);

  const Checker& checker_;
  const Record& record_;
  Digits claim_digits_;
  const StopCallback& stop_;
  const ProgressCallback& progress_;
  std::string text_;
  std::vector<Number> numbers_;
  std::size_t told_ = 0, further_ = 0;
};

/// Follows a neuron search.
void Certifier::prove_cases() {
  const std::vector<Unsafe>& all = checker_.property().cases;
  std::vector<char> is_done(all.size());
  for (std::uint32_t first = 0; first < all.size(); ++first) {
    if (is_done[first] || is_empty(all[first].inputs)) continue;
    std::vector<std::uint32_t> cases;
    for (std::uint32_t at = first; at < all.size(); ++at)
      if (all[at].inputs.lower == all[first].inputs.lower &&
          all[at].inputs.upper == all[first].inputs.upper)
        cases.push_back(at), is_done[at] = 1;
    begin(cases);
    SubProblem sub = checker_.root(first, cases);
    if (!look(sub)) continue;
    refine(cases, sub);
    while (!sub.cases.empty()) {
      const std::uint32_t at = sub.cases.front();
      const auto found = std::ranges::find(record_.cases, at, &Record::Case::at);
      if (found == record_.cases.end())
        refuse_to_certify("no certificate is written: the search proved case ", at,
                          " by its first bounds, and the checker's are not as good");
      name_numbers(found->open);
      if (sub.cases.size() > 1) write({Step::Kind::alone, {at}});
      SubProblem alone = sub;
      alone.cases = {at};
      prove_leaves(std::move(alone), pointers(found->leaves));
      std::erase(sub.cases, at);
    }
  }
}

/// Says which relus the next slopes are of, unless that is known.
void Certifier::name_numbers(const std::vector<Decision>& open) {
  std::vector<Number> numbers;
  for (const Decision& relu : open) numbers.push_back({relu.layer, relu.number});
  if (numbers == numbers_) return;
  numbers_ = std::move(numbers);
  write({Step::Kind::numbers, {}, numbers_});
}

/// Bounds hidden numbers as the search did.
void Certifier::refine(const std::vector<std::uint32_t>& cases, SubProblem& sub) {
  for (const Record::Refinement& of : record_.refinements) {
    if (sub.cases.empty() || std::ranges::find(cases, of.at) == cases.end()) continue;
    name_numbers(of.open);
    for (const Record::Claim& claim : of.claims) make_claim(claim, sub);
    look(sub);
  }
}

void Certifier::make_claim(const Record::Claim& of, SubProblem& sub) {
  const bool is_above = of.number.positive;
  const std::size_t place = checker_.first(of.number.layer) + of.number.number;
  const double low = sub.known->lower[place], high = sub.known->upper[place];
  SubProblem::Claim claim{{of.number.layer, of.number.number}, is_above, 0};
  const double least = least_margin(checker_.asking(sub, claim), pointers(of.leaves));
  const double safe = least - 1e-6 * std::abs(least) - 1e-9 * (high - low);
  claim.value = to_digits(is_above ? safe : -safe, 9);
  if (!(is_above ? claim.value > low : claim.value < high)) return;
  write({.kind = Step::Kind::claim,
         .numbers = {claim.at},
         .is_above = is_above,
         .value = claim.value});
  prove_leaves(checker_.asking(sub, claim), pointers(of.leaves));
  sub = checker_.knowing(sub, claim);
}

/// The least margin of the leaves, with the digits that claims have.
double Certifier::least_margin(const SubProblem& sub,
                               std::span<const Record::Leaf* const> leaves) const {
  const std::size_t depth = sub.decisions.size();
  if (leaves.size() == 1 && leaves[0]->decisions.size() == depth)
    return checker_.margin(sub, sub.cases[0],
                           with_digits(weights_of(*leaves[0]), leaves[0]->slopes, claim_digits_),
                           numbers_);
  const Decision next = leaves[0]->decisions.at(depth);
  double least = std::numeric_limits<double>::infinity();
  for (const bool positive : {false, true})
    least = std::min(least, least_margin(checker_.decided(sub, {next.layer, next.number}, positive),
                                         those_below(leaves, depth, positive)));
  return least;
}

/// `leaves`: those below the sub-problem, which has as many decisions above it.
void Certifier::prove_leaves(SubProblem sub, std::span<const Record::Leaf* const> leaves) {
  const std::size_t depth = sub.decisions.size();
  if (leaves.size() == 1 && leaves[0]->decisions.size() == depth)
    return prove_leaf(std::move(sub), *leaves[0]);
  const Decision next = leaves[0]->decisions.at(depth);
  const Number number{next.layer, next.number};
  write({Step::Kind::decide, {}, {number}});
  for (const bool positive : {false, true}) {
    prove_leaves(checker_.decided(sub, number, positive), those_below(leaves, depth, positive));
  }
}

void Certifier::prove_leaf(SubProblem sub, const Record::Leaf& leaf) {
  tell();
  const std::uint32_t at = sub.cases[0];
  const Weights weights = weights_of(leaf);
  if (prove(sub, at, weights, leaf.slopes)) return;
  if (!look(sub) || prove(sub, at, weights, leaf.slopes)) return;
  refuse_to_certify(
      "no certificate is written: a leaf of case ", at,
      " is not proven by the checker's bounds, which are not as good as the search's");
}

}  // namespace

Certificate certify(const model::Predictor& predictor, const Property& property,
                    const Verdict& verdict, const Record& record, const StopCallback& stop,
                    const ProgressCallback& progress) {
  const Network network = network_of(predictor);
  Certificate certificate{hash_of(network), hash_of(property), verdict.answer};
  if (verdict.answer == Answer::unknown) fail("there is no certificate of an unknown answer");
  if (verdict.answer == Answer::violated) {
    certificate.at = static_cast<std::uint32_t>(verdict.at), certificate.input = verdict.input;
    return certificate;
  }
  if (network.has_curves())
    throw NotCertified(
        "no certificate is written: the network has a smooth activation, which the checker has no "
        "rule for");
  const Checker checker(network, property);
  try {
    for (const std::size_t digits : {1, 3}) {
      try {
        certificate.steps = Certifier(checker, record, all_digits[digits], stop, progress).steps();
        return certificate;
      } catch (const NotCertified&) {
        if (digits == 3 || record.refinements.empty()) throw;
      }
    }
  } catch (const Stopped&) {
    certificate.answer = Answer::unknown;
  }
  return certificate;
}

}  // namespace rectify::verify
