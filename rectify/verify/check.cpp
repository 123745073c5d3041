#include "rectify/verify/check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/verify/checker.h"

namespace rectify::verify {

namespace {

/// Steps after which the caller is asked whether to stop.
constexpr std::size_t steps_between_calls = 64;
/// Bytes that the sub-problems of a stack may take.
constexpr std::size_t most_stack_bytes = std::size_t{4} << 30;

/// Follows the steps of a certificate. Each sub-problem that a step makes has to be proven by later
/// ones, in the order in which they stand.
class ProofCheck {
 public:
  ProofCheck(const Checker& checker, StepReader& reader)
      : checker_(checker), reader_(reader), is_begun_(checker.property().cases.size()) {}

  void take(const Step& step) {
    if (step.kind == Step::Kind::root) return begin(step);
    if (stack_.empty()) reader_.refuse("there is nothing left to prove; expected 'root'");
    SubProblem sub = std::move(stack_.back());
    stack_.pop_back();
    switch (step.kind) {
      case Step::Kind::root:
        break;
      case Step::Kind::numbers:
        set_numbers(step);
        break;
      case Step::Kind::narrow:
        if (!checker_.narrow(sub))
          sub.cases.clear();
        else if (!sub.known->may_overflow)
          checker_.cut(sub, checker_.lines_of(sub));
        break;
      case Step::Kind::proven:
        prove(step, sub);
        break;
      case Step::Kind::claim:
        return claim(step, sub);
      case Step::Kind::alone:
        divide(step, sub);
        break;
      case Step::Kind::forget:
        sub.decisions.clear(), sub.known = nullptr;
        break;
      case Step::Kind::split:
        return split(step, sub);
      case Step::Kind::decide:
        return decide(step, sub);
    }
    push(std::move(sub));
  }

  void end() const {
    if (!stack_.empty())
      reader_.refuse(
          concat("the certificate ends here, and ", stack_.size(), " sub-problems are not proven"));
    for (std::size_t at = 0; at < is_begun_.size(); ++at)
      if (!is_begun_[at] && can_be(at))
        reader_.refuse(concat("the certificate ends here, and says nothing about case ", at));
  }

 private:
  bool can_be(std::size_t at) const {
    const Box& box = checker_.property().cases[at].inputs;
    for (std::size_t i = 0; i < box.lower.size(); ++i)
      if (!(box.lower[i] <= box.upper[i])) return false;
    return true;
  }

  /// A sub-problem without cases is proven.
  void push(SubProblem sub) {
    if (sub.cases.empty()) return;
    stack_.push_back(std::move(sub));
  }

  void begin(const Step& step) {
    if (!stack_.empty()) reader_.refuse(concat(stack_.size(), " sub-problems are not proven yet"));
    SubProblem sub;
    for (const std::uint32_t at : step.cases) {
      if (at >= is_begun_.size()) reader_.refuse(concat("the property has no case ", at));
      SubProblem other = checker_.root(at, {});
      if (!sub.cases.empty() &&
          (other.box.lower != sub.box.lower || other.box.upper != sub.box.upper))
        reader_.refuse(concat("case ", at, " has another box than case ", sub.cases[0]));
      sub.box = std::move(other.box);
      sub.cases.push_back(at), is_begun_[at] = 1;
    }
    numbers_.clear();
    push(std::move(sub));
  }

  void set_numbers(const Step& step) {
    for (const Number& at : step.numbers)
      if (!is_number(at, Kind::relu))
        reader_.refuse(concat(at.layer, ":", at.number, " is no number of a relu"));
    numbers_ = step.numbers;
  }
  bool is_number(const Number& at, Kind kind) const {
    const std::vector<Layer>& layers = checker_.network().layers;
    return at.layer < layers.size() && layers[at.layer].kind == kind &&
           at.number < layers[at.layer].width;
  }

  void find(std::uint32_t at, const SubProblem& sub) const {
    if (std::ranges::find(sub.cases, at) == sub.cases.end())
      reader_.refuse(concat("case ", at, " is not open here"));
  }

  void check_indices(const std::vector<Weights::One>& weights, std::size_t count,
                     std::string_view of) const {
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (weights[i].index >= count || (i > 0 && weights[i].index <= weights[i - 1].index))
        reader_.refuse(concat("weight ", weights[i].index, " is not one of the ", count, " ", of,
                              ", each once and in order"));
  }

  void prove(const Step& step, SubProblem& sub) const {
    const std::uint32_t at = step.cases[0];
    find(at, sub);
    check_indices(step.weights.halves, checker_.half_spaces(sub, at), "half spaces");
    check_indices(step.weights.decisions, sub.decisions.size(), "decisions");
    if (!step.weights.slopes.empty() && step.weights.slopes.size() != numbers_.size())
      reader_.refuse(concat("there are ", step.weights.slopes.size(), " slopes for ",
                            numbers_.size(), " numbers"));
    const double margin = checker_.margin(sub, at, step.weights, numbers_);
    if (!(margin > 0))
      reader_.refuse(concat("case ", at, " is not proven: the bound is ", number_text(margin),
                            ", and must be above 0"));
    std::erase(sub.cases, at);
  }

  void divide(const Step& step, SubProblem& sub) {
    const std::uint32_t at = step.cases[0];
    find(at, sub);
    SubProblem others = sub;
    std::erase(others.cases, at);
    push(std::move(others));
    sub.cases = {at};
  }

  void check_depth(SubProblem& sub) const {
    const std::size_t bytes = checker_.first(checker_.network().layers.size()) * 3 * sizeof(double);
    if (stack_.size() >= most_splits || sub.decisions.size() >= most_splits ||
        stack_.size() * bytes > most_stack_bytes)
      reader_.refuse(
          concat("there are more than ", stack_.size(), " splits above a sub-problem, too many"));
  }

  void split(const Step& step, SubProblem& sub) {
    check_depth(sub);
    if (step.axis >= sub.box.lower.size() || !(step.value >= sub.box.lower[step.axis]) ||
        !(step.value <= sub.box.upper[step.axis]))
      reader_.refuse(concat("the box has no ", number_text(step.value), " on axis ", step.axis));
    push(Checker::half(sub, step.axis, step.value, true));
    push(Checker::half(sub, step.axis, step.value, false));
  }

  // A number that may overflow may be none, and then it is neither above nor below 0.
  void check_number(const Step& step, const SubProblem& sub) const {
    const Number at = step.numbers[0];
    if (!is_number(at, Kind::affine))
      reader_.refuse(concat(at.layer, ":", at.number, " is no number that can be decided"));
    if (!sub.known || sub.known->may_overflow)
      reader_.refuse("a number is decided before 'narrow', or where it may overflow");
  }

  void claim(const Step& step, SubProblem& sub) {
    check_depth(sub);
    check_number(step, sub);
    const SubProblem::Claim claim{step.numbers[0], step.is_above, step.value};
    push(checker_.knowing(sub, claim));
    push(checker_.asking(sub, claim));
  }

  void decide(const Step& step, SubProblem& sub) {
    check_depth(sub);
    check_number(step, sub);
    const Number at = step.numbers[0];
    push(checker_.decided(sub, at, true));
    push(checker_.decided(sub, at, false));
  }

  const Checker& checker_;
  StepReader& reader_;
  std::vector<SubProblem> stack_;
  std::vector<Number> numbers_;
  std::vector<char> is_begun_;  ///< cases that a root has
};

/// Whether an axis of the box stands for a float32 input: a number of it, or where float32 has none
/// in it, what an end is rounded to.
bool is_allowed(float x, double lower, double upper) {
  if (!(lower <= upper)) return false;
  if (lower <= x && x <= upper) return true;
  const float low = static_cast<float>(lower), high = static_cast<float>(upper);
  const float first =
      low < lower ? std::nextafter(low, std::numeric_limits<float>::infinity()) : low;
  return first > upper && (x == low || x == high);
}

/// Whether the sum of coefficients times outputs is at most the bound. The rounding error of each
/// product and each sum is known exactly (Dekker 1971; Knuth, The Art of Computer Programming 2,
/// section 4.2.2), and stands against it.
bool is_in(const HalfSpace& half, std::span<const float> y) {
  double sum = -half.bound, error = 0;
  for (std::size_t j = 0; j < y.size(); ++j) {
    const double product = half.coefficients[j] * y[j], next = sum + product;
    const double back = next - sum;
    error += std::abs(std::fma(half.coefficients[j], double{y[j]}, -product)) +
             std::abs((sum - (next - back)) + (product - back));
    sum = next;
  }
  return sum + error * (1 + 0x1p-20) <= 0;
}

void check_violation(const model::Predictor& predictor, const Property& property,
                     const Certificate& certificate, const std::string& name) {
  if (certificate.at >= property.cases.size())
    fail("'", name, "': the property has no case ", certificate.at);
  const Unsafe& unsafe = property.cases[certificate.at];
  if (certificate.input.size() != predictor.inputs())
    fail("'", name, "': the counterexample has ", certificate.input.size(),
         " numbers, but the network takes ", predictor.inputs());
  for (std::size_t i = 0; i < certificate.input.size(); ++i)
    if (!is_allowed(certificate.input[i], unsafe.inputs.lower[i], unsafe.inputs.upper[i]))
      fail("'", name, "': number ", i, " of the counterexample is ",
           number_text(double{certificate.input[i]}), ", outside of its case's ",
           number_text(unsafe.inputs.lower[i]), " to ", number_text(unsafe.inputs.upper[i]));
  std::vector<float> output(predictor.outputs());
  predictor.run(certificate.input, output);
  for (std::size_t k = 0; k < unsafe.outputs.size(); ++k)
    if (!is_in(unsafe.outputs[k], output))
      fail("'", name, "': the counterexample's outputs are not in half space ", k, " of case ",
           certificate.at, "; nothing is violated");
}

}  // namespace

Checked check(const model::Predictor& predictor, const Property& property,
              const Certificate& certificate, const std::string& name, const StopCallback& stop,
              const ProgressCallback& progress) {
  const Network network = network_of(predictor);
  const Checker checker(network, property);
  if (certificate.network != hash_of(network))
    fail("'", name, "' is about another network; give the one that it was written for");
  if (certificate.property != hash_of(property))
    fail("'", name, "' is about another property; give the one that it was written for");
  Checked checked{certificate.answer};
  if (certificate.answer == Answer::violated) {
    check_violation(predictor, property, certificate, name);
    return checked;
  }
  StepReader reader(certificate, name);
  ProofCheck proof(checker, reader);
  for (Step step; reader.next(step); ++checked.steps) {
    proof.take(step);
    checked.sub_problems += step.kind == Step::Kind::narrow;
    if (checked.steps % steps_between_calls != 0) continue;
    if (stop && stop()) return {Answer::unknown, checked.steps, checked.sub_problems};
    if (progress) progress({concat(checked.steps, " steps checked"), reader.share(), -1});
  }
  proof.end();
  return checked;
}

}  // namespace rectify::verify
