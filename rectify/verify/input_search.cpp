#include "rectify/verify/input_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/verify/attack.h"
#include "rectify/verify/box.h"
#include "rectify/verify/record.h"

namespace rectify::verify {

namespace {

constexpr double none_proven = -std::numeric_limits<double>::infinity();
/// Parts that are bounded before the stack is looked at again.
constexpr std::size_t batch = 64;
constexpr double none_excess = std::numeric_limits<double>::infinity();
/// So few numbers on both sides of their kinks are decided one by one; with more, boxes are halved.
constexpr std::size_t few_undecided = 14;
/// Functions of more inputs are not combined: the work grows with the square of their number.
/// Parts after which open cases are attacked, the first time and then at four times as many each;
/// and how many cases.
constexpr std::size_t first_attack = 2000, most_attacked = 16;
constexpr std::size_t most_combined = 32;

/// Makes `box` the smallest that holds both.
void unite(Box& box, const Box& other) {
  if (box.lower.empty()) box = other;
  for (std::size_t i = 0; i < other.lower.size(); ++i) {
    box.lower[i] = std::min(box.lower[i], other.lower[i]);
    box.upper[i] = std::max(box.upper[i], other.upper[i]);
  }
}

/// Whether a part of a box has less than half of its width along some axis.
bool is_much_smaller(const Box& part, const Box& box) {
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    if (part.upper[i] - part.lower[i] < (box.upper[i] - box.lower[i]) / 2) return true;
  return false;
}

/// Whether float32 has a number strictly inside, so that halving gets somewhere.
bool can_be_halved(double low, double high) {
  return high - low > 2 * 0x1p-24 * std::max(std::abs(low), std::abs(high)) + 0x1p-148;
}

}  // namespace

/// What came of one part.
struct InputSearch::Result {
  std::vector<std::uint32_t> open;  ///< cases that are not proven
  double gap = 0;                   ///< how far the worst of them is from being proven
  std::size_t axis = 0;             ///< to be halved
  bool upper_first = false;         ///< whether the upper half looks worse
  /// The network is linear in what is left of the part, and that is much smaller: its box alone is
  /// looked at again. What was decided is decided only up to rounding.
  bool starts_anew = false;
  bool decides = false;  ///< a number is decided instead
  Decision decision;
  bool stuck = false;            ///< nothing is left to be halved
  std::uint32_t at = 0;          ///< the case that `candidate` may violate
  std::vector<float> candidate;  ///< the input that the bounds make most of
  double excess = none_excess;   ///< of the candidate, in double precision
};

InputSearch::InputSearch(const model::Predictor& predictor, const Structure& structure,
                         const Property& property)
    : predictor_(predictor),
      network_(structure.network),
      property_(property),
      structure_(structure) {}

std::vector<SubBox> InputSearch::roots() const {
  std::vector<SubBox> all;
  const Bounder bounder(structure_);
  for (std::size_t at = 0; at < property_.cases.size(); ++at) {
    if (is_empty(property_.cases[at].inputs)) continue;
    Box box = with_rounded_ends(property_.cases[at].inputs);
    const auto same = std::ranges::find_if(all, [&](const SubBox& part) {
      return part.box.lower == box.lower && part.box.upper == box.upper;
    });
    if (same != all.end())
      same->cases.push_back(static_cast<std::uint32_t>(at));
    else
      all.push_back({std::move(box), bounder.unknown(), {static_cast<std::uint32_t>(at)}, 0});
  }
  return all;
}

std::size_t InputSearch::undecided(const Ranges& ranges) const {
  std::size_t count = 0;
  for (std::size_t l = 0; l < network_.layers.size(); ++l) {
    if (!structure_.is_bounded[l]) continue;
    for (std::size_t i = structure_.first[l]; i < structure_.first[l + 1]; ++i)
      count += ranges.lower[i] < 0 && ranges.upper[i] > 0;
  }
  return count;
}

LowerBounds InputSearch::bounds_of_case(const LowerBounds& all, std::size_t first, std::uint32_t at,
                                        std::size_t decisions) const {
  const std::size_t inputs = network_.inputs(), own = property_.cases[at].outputs.size();
  LowerBounds mine;
  mine.count = own + decisions;
  const auto take = [&](std::size_t row, double bound) {
    const auto slopes = all.slopes_of(row, inputs);
    mine.slopes.insert(mine.slopes.end(), slopes.begin(), slopes.end());
    mine.lower.push_back(all.lower[row]), mine.bound.push_back(bound);
  };
  for (std::size_t k = 0; k < own; ++k) take(first + k, property_.cases[at].outputs[k].bound);
  for (std::size_t d = 0; d < decisions; ++d) take(all.lower.size() - decisions + d, 0);
  return mine;
}

void InputSearch::examine(SubBox& part, Bounder& bounder, Result& result) const {
  if (!bounder.narrow(part.box, part.ranges)) return;
  const std::size_t inputs = network_.inputs(), outputs = network_.outputs();
  std::vector<double> coefficients;
  for (const std::uint32_t at : part.cases)
    for (const HalfSpace& half : property_.cases[at].outputs)
      coefficients.insert(coefficients.end(), half.coefficients.begin(), half.coefficients.end());
  LowerBounds all;
  bounder.bound(part.ranges, coefficients, part.decisions, all);
  Box left;
  const bool is_linear = inputs <= most_combined && !bounder.overflows() &&
                         !part.decisions.empty() && undecided(part.ranges) == 0;
  std::vector<double> score(inputs), side(inputs), spread(inputs), x;
  std::size_t row = 0;
  for (const std::uint32_t at : part.cases) {
    const LowerBounds mine = bounds_of_case(all, row, at, part.decisions.size());
    const std::size_t own = property_.cases[at].outputs.size();
    row += own;
    std::size_t best = 0;
    for (std::size_t k = 1; k < own; ++k)
      if (mine.lower[k] - mine.bound[k] > mine.lower[best] - mine.bound[best]) best = k;
    const double above = own == 0 ? none_proven : mine.lower[best] - mine.bound[best];
    if (above > 0) continue;
    Box rest = part.box;
    bool is_left = true;
    for (std::size_t k = 0; k < 2 * mine.count && is_left; ++k)
      is_left = clip(part.box, mine, k % mine.count, rest);
    if (!is_left) continue;
    Combination found;
    if (inputs <= most_combined && above > none_proven) found = combine(part.box, mine);
    if (found.is_empty) continue;
    if (is_linear && !tighten(part.box, mine, rest)) continue;
    result.open.push_back(at);
    unite(left, rest);
    if (-above >= result.gap) result.gap = -above, result.at = at, x = found.x;
    if (above == none_proven) continue;
    bounder.spread(part.ranges,
                   std::span(coefficients).subspan((row - own + best) * outputs, outputs), spread);
    for (std::size_t i = 0; i < inputs; ++i) {
      score[i] += spread[i] * (rest.upper[i] - rest.lower[i]);
      side[i] += mine.slopes_of(best, inputs)[i];
    }
  }
  if (result.open.empty()) return;
  result.starts_anew = is_linear && is_much_smaller(left, part.box);
  part.box = std::move(left);
  choose_split(part, bounder, score, side, result);
  if (x.empty())
    for (std::size_t i = 0; i < inputs; ++i)
      x.push_back(side[i] >= 0 ? part.box.lower[i] : part.box.upper[i]);
  const FloatBox allowed(property_.cases[result.at].inputs);
  const std::vector<float> rounded = rounded_into(allowed, x);
  const std::vector<double> y =
      outputs_at(network_, std::vector<double>(rounded.begin(), rounded.end()));
  result.excess = excess(property_.cases[result.at].outputs, y);
  result.candidate = rounded;
}

void InputSearch::choose_split(const SubBox& part, const Bounder& bounder,
                               std::span<const double> score, std::span<const double> side,
                               Result& result) const {
  const std::size_t inputs = network_.inputs();
  result.axis = inputs;
  for (std::size_t i = 0; i < inputs; ++i)
    if (can_be_halved(part.box.lower[i], part.box.upper[i]) &&
        (result.axis == inputs || score[i] > score[result.axis]))
      result.axis = i;
  result.stuck = result.axis == inputs;
  if (!result.stuck) result.upper_first = side[result.axis] < 0;
  if (bounder.overflows()) return;

  double most = 0;
  for (std::size_t l = 0; l < network_.layers.size(); ++l) {
    if (!structure_.is_bounded[l]) continue;
    const std::size_t first = structure_.first[l];
    for (std::size_t i = 0; i < network_.layers[l].width; ++i) {
      if (part.ranges.lower[first + i] >= 0 || part.ranges.upper[first + i] <= 0) continue;
      if (const double loss = bounder.losses()[first + i]; loss > most) {
        most = loss;
        result.decision = {static_cast<std::uint32_t>(l), static_cast<std::uint32_t>(i), false};
      }
    }
  }
  result.decides = most > 0 && undecided(part.ranges) <= few_undecided;
}

bool InputSearch::report(std::uint32_t at, const std::vector<float>& input,
                         Verdict& verdict) const {
  const std::optional<Violation> found = replay(predictor_, property_, at, input);
  if (found) accept(*found, verdict);
  return found.has_value();
}

/// Puts what is left of a part on the stack. True where the property is violated.
bool InputSearch::take(SubBox& part, Result& result, Verdict& verdict) {
  ++verdict.sub_problems;
  verdict.depth = std::max<std::size_t>(verdict.depth, part.depth);
  if (result.excess <= nearly_inside && report(result.at, result.candidate, verdict)) return true;
  const bool is_stuck = result.stuck && !result.decides;
  if (result.open.empty() || is_stuck) ++verdict.leaves;
  if (result.open.empty()) proven_ += part.share;
  if (result.open.empty()) return false;
  if (is_stuck) {
    has_undecided_ = true;
    undecided_gap_ = std::max(undecided_gap_, result.gap);
    return false;
  }
  part.cases = std::move(result.open), ++part.depth;
  if (result.starts_anew) {
    part.decisions.clear();
    part.ranges = Bounder(structure_).unknown();
    if (record_) {
      const std::uint32_t anew = record_->add_part();
      record_->parts[part.part].kind = Record::Part::Kind::anew;
      record_->parts[part.part].halves[0] = anew, part.part = anew;
    }
    stack_.push_back(std::move(part));
    return false;
  }
  part.share /= 2;
  SubBox other = part;
  if (result.decides) {
    const std::size_t at = structure_.first[result.decision.layer] + result.decision.number;
    part.ranges.upper[at] = 0, other.ranges.lower[at] = 0;
    part.decisions.push_back(result.decision);
    result.decision.positive = true;
    other.decisions.push_back(result.decision);
  } else {
    const std::size_t axis = result.axis;
    const double middle = part.box.lower[axis] + (part.box.upper[axis] - part.box.lower[axis]) / 2;
    (result.upper_first ? other : part).box.upper[axis] = middle;
    (result.upper_first ? part : other).box.lower[axis] = middle;
  }
  if (record_) record_halves(part, other, result);
  stack_.push_back(std::move(other));
  stack_.push_back(std::move(part));
  return false;
}

void InputSearch::record_halves(SubBox& part, SubBox& other, const Result& result) const {
  const std::uint32_t first = record_->add_part(), second = record_->add_part();
  const bool swaps = !result.decides && result.upper_first;
  Record::Part& of = record_->parts[part.part];
  of.kind = result.decides ? Record::Part::Kind::decide : Record::Part::Kind::split;
  of.halves = {first, second}, of.number = result.decision;
  of.axis = static_cast<std::uint32_t>(result.axis);
  if (!result.decides) of.value = (swaps ? other : part).box.upper[result.axis];
  part.part = swaps ? second : first, other.part = swaps ? first : second;
}

/// Goes down from the candidate of a round that is nearest to being unsafe. True where that finds
/// an unsafe input.
bool InputSearch::descend(const std::vector<Result>& results, Verdict& verdict) const {
  const auto nearest = std::ranges::min_element(results, {}, &Result::excess);
  if (nearest->excess <= nearly_inside || nearest->excess == none_excess) return false;
  Descent descent(structure_, property_.cases[nearest->at]);
  std::vector<double> x(nearest->candidate.begin(), nearest->candidate.end());
  return descent.run(x, 20, 0.02) <= nearly_inside &&
         report(nearest->at, descent.rounded(x), verdict);
}

/// True where that finds an unsafe input.
bool InputSearch::attack_open_cases(std::uint64_t seed, std::size_t starts,
                                    const Deadline& deadline, Verdict& verdict) const {
  std::vector<std::uint32_t> open;
  for (const SubBox& part : stack_) open.insert(open.end(), part.cases.begin(), part.cases.end());
  std::ranges::sort(open);
  open.erase(std::unique(open.begin(), open.end()), open.end());
  if (open.size() > most_attacked) open.resize(most_attacked);
  for (const std::uint32_t at : open)
    if (const auto found = attack(predictor_, structure_, property_, at, seed, {.starts = starts},
                                  [&] { return deadline.has_passed(); })) {
      accept(*found, verdict);
      return true;
    }
  return false;
}

void InputSearch::run(const Limits& limits, const Deadline& deadline, Verdict& verdict) {
  ThreadPool threads(limits.threads);
  std::vector<Bounder> bounders(static_cast<std::size_t>(threads.threads()), Bounder(structure_));
  stack_ = roots();
  record_ = limits.record;
  for (SubBox& part : stack_)
    if (record_) record_->roots.push_back({part.cases, part.part = record_->add_part()});
  const double whole = static_cast<double>(std::max<std::size_t>(1, stack_.size()));
  double gap = 0;
  std::size_t next_attack = first_attack;
  while (!stack_.empty()) {
    if (verdict.sub_problems >= next_attack) {
      if (attack_open_cases(limits.seed + next_attack, next_attack / 4, deadline, verdict)) return;
      next_attack *= 4;
    }
    if (deadline.has_passed() || (limits.boxes > 0 && verdict.sub_problems >= limits.boxes)) {
      verdict.leaves += stack_.size();
      verdict.gap = gap;
      verdict.why =
          concat(stack_.size(), " parts of the box were still open after ", verdict.sub_problems,
                 " in ", static_cast<int>(deadline.seconds()), " s; allow more time");
      return;
    }
    deadline.tell(proven_ / whole, stack_.size(), verdict.sub_problems);
    std::vector<SubBox> parts;
    for (std::size_t i = 0; i < batch && !stack_.empty(); ++i) {
      parts.push_back(std::move(stack_.back()));
      stack_.pop_back();
    }
    std::vector<Result> results(parts.size());
    threads.run(parts.size(), [&](std::size_t i, std::size_t thread) {
      examine(parts[i], bounders[thread], results[i]);
    });
    // The first of them came from the top of the stack, and goes back there.
    gap = 0;
    for (const Result& result : results) gap = std::max(gap, result.gap);
    if (descend(results, verdict)) return;
    for (std::size_t i = parts.size(); i-- > 0;)
      if (take(parts[i], results[i], verdict)) return;
  }
  verdict.answer = has_undecided_ ? Answer::unknown : Answer::holds;
  verdict.gap = undecided_gap_;
  if (has_undecided_)
    verdict.why = "some parts of the box cannot be halved further: rounding in float32 decides";
}

}  // namespace rectify::verify
