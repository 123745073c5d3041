// rectify verify: proves what a network never does, or finds an input that does it.

#include "rectify/verify/verify.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "cli/certificates.h"
#include "cli/facts.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/robustness.h"
#include "cli/verb.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/predictor.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/vnnlib.h"

namespace rectify::cli::ops {

namespace {

struct Flags : FactFlags {
  std::string property;
  std::string certificate;  ///< to write
  std::string check;        ///< to check
};

/// A property of a network, and what came out.
struct Asked {
  const model::Predictor& predictor;
  const verify::VnnLib& file;
  const verify::Verdict& verdict;
  const Flags& flags;
  std::optional<Certified> certified = {};
};

std::string counted(std::size_t n) { return count_text(static_cast<std::int64_t>(n)); }

Json json_of(const Asked& asked) {
  const verify::Verdict& verdict = asked.verdict;
  Json json = {{"schema", 1},
               {"model", graph::model_text(asked.predictor.model().graph)},
               {"property", asked.flags.property},
               {"cases", asked.file.property.cases.size()},
               {"empty_cases", asked.file.empty_cases},
               {"answer", name_of(verdict.answer)},
               {"seconds", verdict.seconds},
               {"sub_problems", verdict.sub_problems},
               {"leaves", verdict.leaves},
               {"depth", verdict.depth}};
  if (asked.certified) json["certificate"] = json_of(*asked.certified);
  if (verdict.answer == verify::Answer::violated) {
    json["case"] = verdict.at;
    json["input"] = verdict.input;
    json["output"] = verdict.output;
  }
  if (verdict.answer == verify::Answer::unknown) {
    json["why"] = verdict.why;
    json["gap"] = verdict.gap;
  }
  return json;
}

/// "X_0 = 0.6399288", a line each, which reads back as the same float32.
std::string numbers_text(const char* letter, const std::vector<float>& numbers) {
  constexpr std::size_t most_lines = 50;
  std::string text;
  for (std::size_t i = 0; i < std::min(numbers.size(), most_lines); ++i)
    text += concat("  ", letter, "_", i, " = ", number_text(double{numbers[i]}), "\n");
  if (numbers.size() > most_lines)
    text += concat("  ... and ", counted(numbers.size() - most_lines), " more; --json has all\n");
  return text;
}

std::string text_of(const Asked& asked) {
  const verify::Verdict& verdict = asked.verdict;
  const std::size_t cases = asked.file.property.cases.size();
  std::string text(name_of(verdict.answer));
  switch (verdict.answer) {
    case verify::Answer::holds:
      text += cases == 0 ? ": no input and no output can meet the constraints, whatever the network"
                         : ": no input of the property has an unsafe answer";
      break;
    case verify::Answer::violated:
      text += concat(": an input of case ", verdict.at + 1, " of ", counted(cases),
                     " has an unsafe answer\n", numbers_text("X", verdict.input),
                     numbers_text("Y", verdict.output));
      text.pop_back();
      break;
    case verify::Answer::unknown:
      text += ": " + verdict.why;
      if (verdict.gap > 0) text += "; a gap of " + number_text(verdict.gap) + " was left";
      break;
  }
  text += concat("\n", counted(cases), cases == 1 ? " case" : " cases");
  if (asked.file.empty_cases > 0) text += concat(" (", counted(asked.file.empty_cases), " empty)");
  text += concat(", ", counted(verdict.sub_problems), " sub-problems, ",
                 fixed_text(verdict.seconds, 2), " s\n");
  if (asked.certified) text += text_of(*asked.certified);
  return text;
}

/// Whether the evidence is what it says, seen without the search that found it.
void check_evidence(const Asked& asked) {
  if (asked.verdict.answer != verify::Answer::violated) return;
  const verify::Violation violation{asked.verdict.at, asked.verdict.input, {}};
  const auto again =
      verify::replay(asked.predictor, asked.file.property, violation.at, violation.input);
  if (!again || again->output != asked.verdict.output)
    fail(
        "the counterexample does not violate the property when it is run again; please report "
        "this with the model and '",
        asked.flags.property, "'");
}

int exit_of(verify::Answer answer, const Flags& flags) {
  if (interrupted()) return exit_interrupted;
  if (!flags.fail || answer == verify::Answer::holds) return exit_done;
  return answer == verify::Answer::violated ? exit_fault : exit_unproven;
}

int verify_property(const Flags& flags, Terminal& terminal) {
  if (!flags.certificate.empty())
    check_certificate_out(flags.certificate,
                          {flags.property, train::model_file(flags.model, flags.last)},
                          flags.force);
  const verify::VnnLib file = verify::read_vnnlib(flags.property);
  const model::Predictor predictor(
      model::load_model(train::model_file(flags.model, flags.last), flags.onnx));
  verify::check_fits(file, predictor.inputs(), predictor.outputs());
  if (file.closed)
    terminal.warn("'" + flags.property +
                  "' has a strict inequality of several outputs; it is read as one that allows "
                  "equality");
  if (!flags.check.empty())
    return exit_of(check_certificate(predictor, file.property, flags.check, terminal), flags);
  verify::Record record;
  const verify::Verdict verdict =
      verify::verify(predictor, file.property,
                     {.seconds = flags.timeout,
                      .threads = flags.threads,
                      .progress = terminal.progress(),
                      .stop = stop_when_interrupted(),
                      .record = flags.certificate.empty() ? nullptr : &record});
  Asked asked{predictor, file, verdict, flags};
  check_evidence(asked);
  if (!flags.certificate.empty() && !interrupted())
    asked.certified =
        write_certificate(predictor, file.property, verdict, record, flags.certificate, terminal);
  terminal.print(terminal.json ? json_of(asked).dump(2) + "\n" : text_of(asked));
  return exit_of(verdict.answer, flags);
}

constexpr std::string_view questions[] = {"--property", "--robust",    "--monotone",
                                          "--range",    "--lipschitz", "--dead"};

/// Which of the questions is asked. Throws Error for none, and for several.
std::string_view question_of(const Arguments& args) {
  std::string_view asked;
  std::size_t count = 0;
  for (const std::string_view flag : questions)
    if (is_given(args, flag)) asked = flag, ++count;
  if (count != 1)
    rectify::fail(
        "give --property FILE or --robust EPS, one of the two, or instead one of --monotone "
        "FEATURE, --range, --lipschitz and --dead");
  return asked;
}

/// A flag that says nothing unless one of the others is given.
struct Belongs {
  std::string_view flag;
  std::vector<std::string_view> to;
};

const Belongs belongings[] = {
    {"--certificate", {"--property"}},
    {"--check", {"--property"}},
    {"--split", {"--robust"}},
    {"--norm", {"--robust"}},
    {"--count", {"--robust"}},
    {"--out", {"--robust"}},
    {"--force", {"--robust", "--certificate"}},
    {"--class", {"--monotone"}},
    {"--decreasing", {"--monotone"}},
    {"--box", {"--monotone", "--range", "--lipschitz", "--dead"}},
    {"--data", {"--robust", "--monotone", "--range", "--lipschitz", "--dead"}},
    {"--timeout", {"--property", "--robust", "--monotone", "--range", "--lipschitz"}},
    {"--fail", {"--property", "--robust", "--monotone"}}};

/// Throws Error where a flag is given that says nothing about the question.
void check_belongs(const Arguments& args, std::string_view question) {
  for (const auto& [flag, to] : belongings) {
    const auto given = [&](std::string_view other) { return is_given(args, other); };
    if (!given(flag) || std::ranges::any_of(to, given)) continue;
    std::string list;
    for (const std::string_view other : to)
      list += concat(list.empty() ? "" : other == to.back() ? " or " : ", ", other);
    rectify::fail(flag, " goes with ", list, ", not with ", question);
  }
}

/// Answers the question that is asked; the exit code.
int answer(const Arguments& args, Flags& flags, Terminal& terminal) {
  if (!(flags.timeout > 0 && flags.timeout <= 1e9))
    rectify::fail("--timeout must be above 0 and at most 1e9 seconds, not ",
                  number_text(flags.timeout));
  const std::string_view question = question_of(args);
  check_belongs(args, question);
  if ((question == "--range" || question == "--lipschitz") && !is_given(args, "--timeout"))
    flags.timeout = 20;
  if (is_given(args, "--certificate") && is_given(args, "--check"))
    rectify::fail(
        "give --certificate FILE to write a proof or --check FILE to check one, not both");
  if (question == "--robust") return judge_robustness(flags, terminal);
  if (question == "--monotone") return exit_of(prove_monotone(flags, terminal), flags);
  if (question == "--property") return verify_property(flags, terminal);
  if (question == "--range") show_ranges(flags, terminal);
  if (question == "--lipschitz") show_steepness(flags, terminal);
  if (question == "--dead") show_dead_units(flags, terminal);
  return interrupted() ? exit_interrupted : exit_done;
}

/// What asks about all inputs of a box.
void declare_facts(Arguments args, Flags& flags) {
  args.option("--monotone", flags.monotone,
              "Whether an output never falls where this feature, a column's name or a number from "
              "0, rises and the others stay")
      .type_name("FEATURE");
  args.flag("--decreasing", flags.decreasing, "Of --monotone: whether it never rises instead");
  args.option("--class", flags.output,
              "Of --monotone: the output, a class or a number from 0; of a class that is its logit")
      .type_name("CLASS");
  args.flag("--range", flags.range,
            "Proven bounds of each output, beside the least and the greatest that were found");
  args.flag("--lipschitz", flags.lipschitz,
            "How steep each output can be at most, for changes measured by their largest number "
            "and by their length, beside the steepest slopes that were found");
  args.flag("--dead", flags.dead, "Units that are proven never to fire");
  args.option("--box", flags.box,
              "Of these four: which inputs, as 0:1 for all features, 0:1,2:5,... for each, or "
              "bmi=18:40,... for some; the range of the data for the others")
      .type_name("BOX");
}

void declare_property(Arguments args, Flags& flags) {
  args.option("--property", flags.property,
              "VNN-LIB 1: which inputs and outputs are unsafe together (.vnnlib, or .vnnlib.gz)")
      .type_name("FILE");
  args.option("--certificate", flags.certificate,
              "Of --property: file for a proof or a counterexample that --check proves again")
      .type_name("FILE");
  args.option("--check", flags.check,
              "Of --property: proves a certificate again, without a search and without trust in "
              "what wrote it; without --fail the exit code is 0 for one of a violation, too")
      .type_name("FILE");
}

void declare_robust(Arguments args, Flags& flags) {
  args.option("--robust", flags.eps,
              "Whether answers stay when each number of a sample changes by at most so much, of "
              "images a share of the range");
  named_option(args, "--norm", flags.norm,
               "Of --robust: how a change is measured, by its largest number (inf) or its length "
               "(2)")
      .type_name("NORM");
  args.option("--count", flags.count, "Of --robust: how many samples of the split");
}

/// The flags of all questions.
Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->timeout = 116;
  declare_weights(args, *flags);
  declare_property(args, *flags);
  declare_robust(args, *flags);
  args.option("--timeout", flags->timeout,
              "Seconds for the question, or for each sample, after which the answer is unknown; of "
              "--range and --lipschitz 20");
  declare_facts(args, *flags);
  args.option(
          "--out", flags->out,
          "Of --robust: folder for a page and for finished samples, from which the same command "
          "goes on")
      .type_name("DIR");
  args.flag("--force", flags->force,
            "Of --robust: begin anew in a folder with other samples; of --certificate: write over "
            "a file that is no certificate");
  args.flag("--fail", flags->fail,
            "Of --property, also with --check, of --monotone and --robust: exit code 4 where the "
            "answer is violated or a sample is attacked, 5 where it is unknown or one is "
            "undecided");
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) { return answer(args, *flags, terminal); };
}

}  // namespace

std::span<const Verb> verify() {
  static const Verb all[] = {{"verify", "Proves what a network never does, or shows that it does",
                              "rectify verify network.onnx --property safe.vnnlib\n"
                              "  rectify verify network.onnx --property safe.vnnlib --certificate "
                              "proof.txt\n"
                              "  rectify verify network.onnx --property safe.vnnlib --check "
                              "proof.txt\n"
                              "  rectify verify run --monotone bmi --box bmi=18:40",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
