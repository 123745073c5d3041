// rectify sample: goes on with a text, character by character, by a network that learnt one; or
// draws samples of a belief net (cli/net_samples.h).

#include <memory>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/net_samples.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/characters.h"
#include "rectify/model/file.h"
#include "rectify/model/text_sampler.h"
#include "rectify/pretrain/saved_stack.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli::ops {

namespace {

struct Flags {
  std::string model, prompt;
  bool last = false;
  std::string count;  ///< empty: as many as are usual
  std::int64_t top = 0;
  double temperature = 0.8;
  std::uint64_t seed = 1;
  run::WeightPrecision weights_as = run::WeightPrecision::fp32;
  NetSampleFlags net;
};

std::int64_t count_of(const Flags& flags, std::int64_t usual) {
  if (flags.count.empty()) return usual;
  const std::optional<std::int64_t> count = parse_integer(flags.count);
  if (!count || *count < 1) fail("--count must be 1 or more, not ", flags.count);
  return *count;
}

/// A flag that only the other sort of model has is a mistake.
void refuse_flags(const Arguments& args, std::initializer_list<const char*> names,
                  const char* why) {
  for (const char* name : names)
    if (is_given(args, name)) fail(name, why);
}

void check(const Flags& flags) {
  if (flags.top < 0) fail("--top must be 0 (all characters) or more, not ", flags.top);
  // A smaller one would overflow where logits are large; 0 is the limit.
  if (!(flags.temperature == 0 || (flags.temperature >= 1e-3 && flags.temperature <= 1e3)))
    fail("--temperature must be 0 or between 0.001 and 1000, not ", flags.temperature);
}

/// A character as a terminal may have it: what could command it is written as its name.
std::string shown(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  const bool control = (byte < 32 && c != '\n' && c != '\t') || byte == 127;
  return control ? data::character_name(byte) : std::string(1, c);
}

int sample_text(const Flags& flags, Terminal& terminal) {
  check(flags);
  const std::int64_t count = count_of(flags, 500);
  model::TextSampler sampler(model::load_model(train::model_file(flags.model, flags.last)),
                             flags.weights_as);
  sampler.read(flags.prompt);
  const model::Drawing how{.temperature = flags.temperature,
                           .top = static_cast<std::size_t>(flags.top)};
  const Random random(flags.seed, static_cast<std::uint32_t>(Stream::text));
  std::string text;
  if (!terminal.json) terminal.print(flags.prompt);
  for (std::int64_t i = 0; i < count; ++i) {
    text.push_back(sampler.next(how, random));
    if (!terminal.json) terminal.print(shown(text.back()));
  }
  if (!terminal.json) {
    if (text.back() != '\n') terminal.print("\n");
    return exit_done;
  }
  const Json json = {{"schema", 1},      {"prompt", flags.prompt},
                     {"text", text},     {"temperature", flags.temperature},
                     {"top", flags.top}, {"seed", flags.seed}};
  // A network of bytes may write what is no UTF-8.
  terminal.print(json.dump(2, Json::BadText::replace) + "\n");
  return exit_done;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("model", flags->model,
              "A safetensors file, the folder of a run on text:FILE, or that of a pretraining")
      .type_name("MODEL")
      .required();
  args.option("--prompt", flags->prompt, "The text to go on with; none: a new line")
      .type_name("TEXT");
  args.option("--count", flags->count, "Characters (without it 500), or samples (64)")
      .type_name("INT");
  args.option("--temperature", flags->temperature,
              "Divides the logits: below 1 likelier characters, 0 the likeliest alone");
  args.option("--top", flags->top, "Only the so many likeliest characters; 0 is all");
  args.option("--seed", flags->seed, "Of the draws").type_name("UINT").check(check_seed);
  args.flag("--last", flags->last, "Of a run's folder: the last weights instead of the best");
  declare_weights_as(args, flags->weights_as);
  declare_net_samples(args, flags->net);
  return [flags, args](Terminal& terminal) {
    if (!pretrain::holds_stack(flags->model)) {
      refuse_flags(args, {"--steps", "--out"},
                   " is for the layers of a pretraining, which this model is not");
      return sample_text(*flags, terminal);
    }
    refuse_flags(args, {"--prompt", "--temperature", "--top", "--last", "--weights-as"},
                 " is for a network that learnt a text, which a pretraining's layers are not");
    flags->net.seed = flags->seed;
    flags->net.count = count_of(*flags, 64);
    return draw_net_samples(flags->model, flags->net, terminal);
  };
}

}  // namespace

std::span<const Verb> sample() {
  static const Verb all[] = {
      {"sample", "Goes on with a text by a network that learnt one; draws samples of a belief net",
       "rectify sample docs-relu --prompt 'A rectifier ' --count 200\n"
       "  rectify sample mnist-rbm --count 64 --out sheet.png",
       declare}};
  return all;
}

}  // namespace rectify::cli::ops
