#include "rectify/verify/robust.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"

namespace rectify::verify {

std::string to_json(const SampleFate& f) {
  Json json = {{"sample", f.sample},      {"label", f.label},     {"answer", f.answer},
               {"fate", name_of(f.fate)}, {"seconds", f.seconds}, {"sub_problems", f.sub_problems}};
  if (f.fate == Fate::attacked) {
    json["fallen_to"] = f.fallen_to;
    json["changed"] = f.changed;
  }
  if (f.fate == Fate::undecided) {
    json["why"] = f.why;
    json["gap"] = f.gap;
  }
  return json.dump();
}

SampleFate fate_from_json(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    SampleFate f{.sample = json.at("sample").get<std::uint32_t>(),
                 .label = json.at("label").get<std::int32_t>(),
                 .answer = json.at("answer").get<std::int32_t>(),
                 .fate = parse_name<Fate>("fate", json.at("fate").get<std::string>())};
    f.sub_problems = json.at("sub_problems").get<std::size_t>();
    f.seconds = json.at("seconds").get<double>();
    if (f.fate == Fate::attacked) {
      f.fallen_to = json.at("fallen_to").get<std::int32_t>();
      f.changed = json.at("changed").get<std::vector<float>>();
    }
    if (f.fate == Fate::undecided) {
      f.why = json.at("why").get<std::string>();
      f.gap = json.at("gap").is_null() ? std::nan("") : json.at("gap").get<double>();
    }
    return f;
  } catch (const JsonError& error) {
    fail("a line of judged samples cannot be read: ", error.what());
  }
}

void check_fits(const SampleFate& f, const data::Dataset& dataset, const data::Split& split) {
  if (f.sample >= split.labels.size())
    fail("there is no sample ", f.sample, " among ", split.labels.size());
  if (f.label != split.labels[f.sample])
    fail("sample ", f.sample, " has the label ", split.labels[f.sample], ", not ", f.label);
  const bool is_attacked = f.fate == Fate::attacked;
  for (const std::int32_t answer : {f.answer, is_attacked ? f.fallen_to : f.answer})
    if (answer < 0 || static_cast<std::size_t>(answer) >= dataset.classes())
      fail("there is no class ", answer, " among ", dataset.classes());
  if (!is_attacked) return;
  if (f.changed.size() != dataset.features())
    fail("a sample has ", dataset.features(), " numbers, not ", f.changed.size());
  if (!std::ranges::all_of(f.changed, [](float x) { return std::isfinite(x); }))
    fail("a changed sample has a number that is not finite");
}

std::vector<float> stored_sample(const data::Dataset& dataset, const data::Split& split,
                                 std::size_t sample) {
  const std::size_t n = dataset.features();
  std::vector<float> numbers(n);
  for (std::size_t i = 0; i < n; ++i)
    numbers[i] = split.bytes.empty() ? split.values[sample * n + i]
                                     : static_cast<float>(split.bytes[sample * n + i]);
  return numbers;
}

Neighbourhood neighbourhood_of(std::vector<float> sample, const model::Perturbation& change,
                               Norm norm) {
  Neighbourhood around{.sample = std::move(sample),
                       .lower = {},
                       .upper = {},
                       .norm = norm,
                       .radius = change.radius()};
  for (const float number : around.sample) {
    const auto [low, high] = change.range(number);
    around.lower.push_back(low);
    around.upper.push_back(high);
  }
  return around;
}

Property stays(const Neighbourhood& around, std::int32_t label, std::size_t classes) {
  around.check_not_empty();
  Property property;
  const auto own = static_cast<std::size_t>(label);
  for (std::size_t other = 0; other < classes; ++other) {
    if (other == own) continue;
    HalfSpace as_large{std::vector<double>(classes), 0};  // own - other <= 0
    as_large.coefficients[own] = 1;
    as_large.coefficients[other] = -1;
    property.cases.push_back({{around.lower, around.upper}, {std::move(as_large)}});
  }
  return property;
}

RobustJudge::RobustJudge(const model::Predictor& predictor, const data::Dataset& dataset,
                         const model::Perturbation& change, Norm norm, ThreadPool& threads,
                         const AttackEffort& effort)
    : predictor_(predictor),
      dataset_(dataset),
      change_(change),
      norm_(norm),
      effort_(effort),
      attack_(predictor, threads),
      verifier_(predictor) {
  if (dataset.classes() != predictor.outputs() || dataset.label_width != 1)
    fail("--robust wants a class for each output, but ", dataset.spec, " has ", dataset.classes(),
         " classes and the network ", predictor.outputs(), " outputs");
}

std::optional<SampleFate> RobustJudge::look_at(const data::Split& split, std::uint32_t sample,
                                               const Limits& limits) {
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const Neighbourhood around =
      neighbourhood_of(stored_sample(dataset_, split, sample), change_, norm_);
  std::vector<float> output(predictor_.outputs());
  predictor_.run(around.sample, output);
  SampleFate f{.sample = sample, .label = split.labels[sample], .answer = answer_of(output)};
  const auto fell = [&](std::vector<float> input, std::int32_t answer) {
    f.fate = Fate::attacked;
    f.fallen_to = answer;
    f.changed = std::move(input);
  };
  const Property property = stays(around, f.label, predictor_.outputs());
  if (f.answer != f.label) {
    f.fate = Fate::wrong;
  } else if (verifier_.holds_at_once(property)) {
    f.fate = Fate::certified;
    f.sub_problems = 1;
  } else if (auto found = attack_.find(around, f.label, effort_)) {
    fell(std::move(found->input), found->answer);
  } else {
    Limits left = limits;
    left.seconds = std::max(1e-3, limits.seconds - passed());
    const Verdict verdict = verifier_.verify(property, left);
    if (limits.stop && limits.stop()) return {};
    f.sub_problems = verdict.sub_problems;
    f.why = verdict.why;
    f.gap = verdict.gap;
    if (verdict.answer == Answer::holds) f.fate = Fate::certified;
    // Two equal outputs violate the property too; the first of them may still be the right one.
    const bool is_change = verdict.answer == Answer::violated && around.has(verdict.input);
    if (is_change && answer_of(verdict.output) != f.label)
      fell(verdict.input, answer_of(verdict.output));
    else if (verdict.answer == Answer::violated)
      f.why = is_change ? "a change makes two outputs equal"
                        : "the box around all changes holds a longer one that is answered wrongly";
  }
  f.seconds = passed();
  return f;
}

void FateCounts::add(const SampleFate& fate) {
  ++samples;
  ++fates[static_cast<std::size_t>(fate.fate)];
}

double FateCounts::share(Fate fate) const {
  return samples == 0 ? 0 : static_cast<double>(of(fate)) / static_cast<double>(samples);
}

}  // namespace rectify::verify
