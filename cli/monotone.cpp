#include "rectify/verify/monotone.h"

#include <algorithm>

#include "cli/box_flags.h"
#include "cli/facts.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"

namespace rectify::cli {

namespace {

struct MonotoneAnswer {
  const Boxed& boxed;
  const verify::MonotoneQuestion& question;
  const verify::MonotoneVerdict& verdict;

  const model::Model& model() const { return boxed.predictor->model(); }
  std::string feature() const { return feature_name(model(), question.feature); }
  std::string output() const { return output_name(model(), question.output); }
};

Json json_of(const MonotoneAnswer& asked) {
  const verify::MonotoneVerdict& verdict = asked.verdict;
  Json json = {{"schema", 1},
               {"model", graph::model_text(asked.model().graph)},
               {"feature", asked.feature()},
               {"output", asked.output()},
               {"direction", asked.question.decreasing ? "decreasing" : "increasing"},
               {"box", box_json(asked.boxed.box)},
               {"answer", rectify::name_of(verdict.answer)},
               {"slope", {verdict.slope.low, verdict.slope.high}},
               {"seconds", verdict.seconds},
               {"sub_problems", verdict.sub_problems},
               {"leaves", verdict.leaves},
               {"depth", verdict.depth}};
  if (verdict.answer == verify::Answer::holds) json["disorder"] = verdict.disorder;
  if (verdict.answer == verify::Answer::unknown) json["why"] = verdict.why;
  if (verdict.answer == verify::Answer::violated) {
    json["inputs"] = {verdict.before, verdict.after};
    json["outputs"] = {verdict.output_before, verdict.output_after};
  }
  return json;
}

/// The two inputs and their outputs.
std::string pair_text(const MonotoneAnswer& asked) {
  constexpr std::size_t most_lines = 50;
  const verify::MonotoneVerdict& verdict = asked.verdict;
  const auto from_to = [](double from, double to) {
    return concat(number_text(from), " -> ", number_text(to), "\n");
  };
  const std::size_t k = asked.question.feature;
  std::string text = concat("  ", asked.feature(), " = ",
                            from_to(double{verdict.before[k]}, double{verdict.after[k]}));
  text += concat("  ", asked.output(), " = ",
                 from_to(double{verdict.output_before}, double{verdict.output_after}));
  text += verdict.before.size() > 1 ? "where\n" : "";
  std::size_t lines = 0;
  for (std::size_t i = 0; i < verdict.before.size(); ++i)
    if (i != k && ++lines <= most_lines)
      text += concat("  ", feature_name(asked.model(), i), " = ",
                     number_text(double{verdict.before[i]}), "\n");
  if (lines > most_lines)
    text += concat("  ... and ", lines - most_lines, " more; --json has all\n");
  return text;
}

std::string text_of(const MonotoneAnswer& asked) {
  const verify::MonotoneVerdict& verdict = asked.verdict;
  activation::Interval slope = verdict.slope;
  // What is proven of the sign is up to rounding, of which the disorder tells.
  if (verdict.answer == verify::Answer::holds)
    (asked.question.decreasing ? slope.high : slope.low) =
        asked.question.decreasing ? std::min(0.0, slope.high) : std::max(0.0, slope.low);
  const std::string verb = asked.question.decreasing ? "rise" : "fall";
  std::string text = concat(rectify::name_of(verdict.answer), ": ");
  switch (verdict.answer) {
    case verify::Answer::holds:
      text += concat(asked.output(), " never ", verb, "s where ", asked.feature(),
                     " rises and the others stay\n  rounding in float32 may put two outputs in "
                     "the wrong order by at most ",
                     four_digits_up(verdict.disorder), "\n");
      break;
    case verify::Answer::violated:
      text += concat(asked.output(), " ", verb, "s where ", asked.feature(),
                     " rises and the others stay\n", pair_text(asked));
      break;
    case verify::Answer::unknown:
      text += verdict.why + "\n";
      break;
  }
  return concat(text, "slope between ", four_digits_down(slope.low), " and ",
                four_digits_up(slope.high), " in ", asked.boxed.from, "\n",
                count_text(static_cast<std::int64_t>(verdict.sub_problems)), " sub-problems, ",
                fixed_text(verdict.seconds, 2), " s\n");
}

}  // namespace

verify::Answer prove_monotone(const FactFlags& flags, Terminal& terminal) {
  const Boxed boxed = load_boxed(flags, flags.box, flags.threads);
  const model::Model& model = boxed.predictor->model();
  const verify::MonotoneQuestion question{.feature = feature_of(model, flags.monotone),
                                          .output = output_of(model, flags.output),
                                          .decreasing = flags.decreasing,
                                          .box = boxed.box};
  for (const data::Column& column : model.table.columns)
    if (column.category) {
      terminal.say(concat("the features of 0 and 1 that '", column.name,
                          "' became are free numbers of the box here, each for itself: what is "
                          "proven holds for all rows, but a violation may be no row of a table"));
      break;
    }
  const verify::MonotoneVerdict verdict =
      verify::monotone(*boxed.predictor, question, limits_for(flags, terminal));
  const MonotoneAnswer asked{boxed, question, verdict};
  terminal.print(terminal.json ? json_of(asked).dump(2) + "\n" : text_of(asked));
  return verdict.answer;
}

}  // namespace rectify::cli
