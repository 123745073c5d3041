// rectify score: how likely a Boltzmann machine finds samples, and which it finds unlikely.

#include <algorithm>
#include <memory>
#include <numeric>

#include "cli/columns.h"
#include "cli/flags.h"
#include "cli/likelihood_text.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/likelihood/likelihood.h"
#include "rectify/pretrain/rows.h"
#include "rectify/pretrain/saved_stack.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string stack, data, against, split = "test", likelihood;
  pretrain::Binarise binarise = pretrain::Binarise::no;
  pretrain::AnnealingOptions annealing;
  int top = 10;
};

/// The samples of one SPEC with their free energies.
struct Scored {
  data::Dataset dataset;
  std::vector<float> rows;
  std::vector<double> energies;
};

data::Dataset open_for(const pretrain::SavedStack& stack, const std::string& spec, bool whole,
                       ThreadPool& threads) {
  data::Known known{.whole = whole};
  if (!stack.encoder.table.empty()) known.table = &stack.encoder.table;
  data::Dataset dataset = data::open(spec, threads, known);
  if (dataset.ids || dataset.features() != static_cast<std::size_t>(stack.sample_shape.size()))
    fail("samples of '", spec, "' are ", dataset.ids ? "characters" : dataset.sample_shape.text(),
         " but the machine learnt from ", stack.sample_shape.text());
  return dataset;
}

std::vector<float> rows_of(const data::Split& split, const pretrain::SavedStack& stack,
                           const Flags& flags) {
  const auto width = static_cast<std::size_t>(stack.sample_shape.size());
  std::vector<std::uint32_t> all(split.count);
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> rows(split.count * width);
  data::gather(split, width, all, stack.encoder.normalisation.inputs, rows.data());
  pretrain::binarise(rows, flags.binarise, flags.annealing.seed);
  return rows;
}

Scored score_samples(const pretrain::SavedStack& stack, const std::string& spec,
                     const std::string& split, const Flags& flags, ThreadPool& threads) {
  Scored scored{.dataset = open_for(stack, spec, split == "all", threads)};
  scored.rows = rows_of(split_of(scored.dataset, split), stack, flags);
  scored.energies = free_energies(stack, scored.rows, threads);
  return scored;
}

/// The class of a sample; empty where there are no classes.
std::string class_of(const data::Dataset& dataset, const data::Split& split, std::size_t sample) {
  if (dataset.class_names.empty() || dataset.label_width != 1) return {};
  return dataset.class_names[static_cast<std::size_t>(split.labels[sample])];
}

/// Numbers of the samples with the highest free energies, the highest first.
std::vector<std::size_t> most_unusual(std::span<const double> energies, int count) {
  std::vector<std::size_t> order(energies.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return energies[i]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  return order;
}

std::string csv_of(const Scored& scored, const data::Split& split) {
  const bool classes = !class_of(scored.dataset, split, 0).empty();
  std::string text = classes ? "index,class,free_energy\n" : "index,free_energy\n";
  for (std::size_t i = 0; i < scored.energies.size(); ++i)
    text += concat(i, ",", classes ? csv_field(class_of(scored.dataset, split, i)) + "," : "",
                   number_text(scored.energies[i]), "\n");
  return text;
}

struct Report {
  const Flags& flags;
  const Scored& scored;
  const std::optional<Scored>& against;
  const std::optional<pretrain::LogLikelihood>& likelihood;

  const data::Split& split() const { return split_of(scored.dataset, flags.split); }

  Json json() const {
    Json json = json_of_energies(scored.dataset.spec, scored.energies);
    json["schema"] = 1;
    json["stack"] = flags.stack;
    json["split"] = flags.split;
    Json unusual = Json::array();
    for (const std::size_t i : most_unusual(scored.energies, flags.top)) {
      Json sample = {{"index", i}, {"free_energy", scored.energies[i]}};
      const std::string name = class_of(scored.dataset, split(), i);
      if (!name.empty()) sample["class"] = name;
      unusual.push_back(sample);
    }
    json["most_unusual"] = unusual;
    if (against) {
      json["against"] = json_of_energies(against->dataset.spec, against->energies);
      json["against"]["auc"] = pretrain::separation(scored.energies, against->energies);
    }
    if (likelihood) json["log_likelihood"] = json_of_likelihood(*likelihood);
    return json;
  }

  std::string text() const {
    std::string text = energies_text(scored.dataset.spec, scored.energies);
    const auto unusual = most_unusual(scored.energies, flags.top);
    if (!unusual.empty()) text += "most unusual:\n";
    for (const std::size_t i : unusual) {
      const std::string name = class_of(scored.dataset, split(), i);
      text += concat("  sample ", i, name.empty() ? "" : " (" + name + ")", ": ",
                     fixed_text(scored.energies[i], 3), "\n");
    }
    if (against)
      text += concat(energies_text(against->dataset.spec, against->energies),
                     "a sample of these is the more unusual one with probability ",
                     fixed_text(pretrain::separation(scored.energies, against->energies), 4),
                     " (AUC)\n");
    if (likelihood) text += likelihood_text(*likelihood);
    return text;
  }
};

void check(const Flags& flags) {
  if (flags.top < 0) fail("--top must be 0 or more, not ", flags.top);
  if (flags.annealing.chains < 2) fail("--chains must be 2 or more, not ", flags.annealing.chains);
  if (flags.annealing.temperatures < 1)
    fail("--temperatures must be 1 or more, not ", flags.annealing.temperatures);
  if (!flags.likelihood.empty())
    parse_name<pretrain::LikelihoodMethod>("likelihood", flags.likelihood);
}

void check_machine(const pretrain::SavedStack& stack, const Flags& flags) {
  if (!flags.likelihood.empty() || !stack.convolutional.at(0)) pretrain::machine_of(stack, 0);
}

std::optional<pretrain::LogLikelihood> likelihood_of(const pretrain::SavedStack& stack,
                                                     const Scored& scored, const Flags& flags,
                                                     ThreadPool& threads, Terminal& terminal) {
  if (flags.likelihood.empty()) return {};
  const std::vector<float> train = rows_of(scored.dataset.train, stack, flags);
  std::vector<std::uint32_t> all(scored.dataset.train.count);
  std::iota(all.begin(), all.end(), 0u);
  const auto width = static_cast<std::size_t>(stack.sample_shape.size());
  return log_likelihood(pretrain::machine_of(stack, 0), scored.rows,
                        pretrain::Rows(train, width).mean(all),
                        parse_name<pretrain::LikelihoodMethod>("likelihood", flags.likelihood),
                        flags.annealing, threads, terminal.progress());
}

void warn_of_few_chains(const pretrain::LogLikelihood& likelihood, Terminal& terminal) {
  constexpr double least_share = 0.1;
  const auto chains = static_cast<double>(likelihood.forward.of_chain.size());
  if (likelihood.forward.effective_chains >= least_share * chains) return;
  terminal.warn(concat("the estimate rests on ", fixed_text(likelihood.forward.effective_chains, 1),
                       " of ", chains,
                       " chains, so that its interval says little; give more --temperatures"));
}

void declare_flags(Arguments args, Flags& flags) {
  args.option("model", flags.stack, "The folder of a pretraining, or its stack.safetensors")
      .type_name("MODEL")
      .required();
  args.option("--data", flags.data, "Data SPEC; without it, what the stack learnt from")
      .type_name("SPEC");
  args.option("--split", flags.split, "test, train, or all of data without a test split")
      .type_name("SPLIT");
  args.option("--against", flags.against,
              "Data that should be unusual: how well free energies tell them apart")
      .type_name("SPEC");
  args.option("--likelihood", flags.likelihood,
              "Also the log-likelihood: exact (small machines), ais (estimates from both sides), "
              "auto")
      .type_name("METHOD");
  args.option("--chains", flags.annealing.chains, "Of annealed importance sampling");
  args.option("--temperatures", flags.annealing.temperatures, "Its steps");
  named_option(args, "--binarise", flags.binarise,
               "Numbers between 0 and 1: no (left), half (1 from 1/2 on), draw (1 with that "
               "probability)")
      .type_name("HOW");
  args.option("--top", flags.top, "How many of the most unusual samples are shown");
  args.option("--seed", flags.annealing.seed, "Of the draws").type_name("UINT").check(check_seed);
  args.option("--out", flags.out, "File for the free energy of every sample, as CSV")
      .type_name("FILE");
  declare_threads(args, flags);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_flags(args, *flags);
  return [flags](Terminal& terminal) {
    check(*flags);
    const pretrain::SavedStack stack = pretrain::load_stack(flags->stack);
    check_machine(stack, *flags);  // before data are read
    ThreadPool threads(flags->threads);
    const Scored scored = score_samples(stack, flags->data.empty() ? stack.data : flags->data,
                                        flags->split, *flags, threads);
    for (const std::string& note : scored.dataset.notes) terminal.say(note);
    std::optional<Scored> against;
    if (!flags->against.empty())
      against = score_samples(stack, flags->against, "test", *flags, threads);
    const auto likelihood = likelihood_of(stack, scored, *flags, threads, terminal);
    if (likelihood && !likelihood->exact) warn_of_few_chains(*likelihood, terminal);
    const Report report{*flags, scored, against, likelihood};
    if (!flags->out.empty()) write_file(flags->out, csv_of(scored, report.split()));
    terminal.print(terminal.json ? report.json().dump(2) + "\n" : report.text());
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> score() {
  static const Verb all[] = {
      {"score", "Tells how unusual a Boltzmann machine finds samples, and how likely",
       "rectify pretrain --data mnist:data/mnist --stack 'rbm 16 method=pcd' --out small\n"
       "  rectify score small --likelihood exact --binarise half\n"
       "  rectify score small --against mnist:data/fashion --out energies.csv",
       declare}};
  return all;
}

}  // namespace rectify::cli::ops
