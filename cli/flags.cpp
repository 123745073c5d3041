#include "cli/flags.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/base/toml.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/train/option_table.h"

namespace rectify::cli {

namespace {

/// "Epochs at most [1 to 100000]"
std::string help_of(const train::Option& option, const std::string& more = {}) {
  const std::string values = train::values_of(option);
  return concat(option.meaning, more, values.empty() ? "" : " [" + values + "]");
}

/// --lr, whose value may be a word.
void declare_rate(Arguments args, const train::Option& option, TrainingFlags& flags) {
  const bool has_usual = flags.lr == "usual";
  args.option("--lr", flags.lr,
              help_of(option, has_usual ? "; usual: what suits the data, or the rate of an "
                                          "--optimizer that you choose, lower "
                                          "for small batches; auto: by search"
                                        : "; auto: by search on validation"))
      .type_name(std::string(train::word_of(option)))
      .group(std::string(rectify::name_of(option.group)))
      .check([has_usual](const std::string& text) {
        const bool word = text == "auto" || (has_usual && text == "usual");
        return word || parse_number(text)
                   ? std::string()
                   : concat("'", text, "' is not a number", has_usual ? ", usual" : "", " or auto");
      });
}

/// A flag that sets one member of train::Options.
void declare_option(Arguments args, const train::Option& option, train::Options& options) {
  const std::string flag = train::flag_of(option), help = help_of(option);
  Option declared = std::visit(
      [&](auto member) {
        auto& value = options.*member;
        if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(value)>>)
          return named_option(args, flag, value, help);
        else
          return args.option(flag, value, help);
      },
      option.member);
  declared.type_name(std::string(train::word_of(option)));
  declared.group(std::string(rectify::name_of(option.group)));
  if (train::word_of(option) == "UINT") declared.check(check_seed);
}

}  // namespace

void declare_out(Arguments args, CommonFlags& flags, const std::string& initial) {
  flags.out = initial;
  args.option("--out", flags.out, "Folder for the results").type_name("DIR").configurable(false);
  args.flag("--force", flags.force, "Start again in a folder that is not empty")
      .configurable(false);
}

void declare_threads(Arguments args, CommonFlags& flags) {
  args.option("--threads", flags.threads,
              "Threads; 0 is one for each processor (results do not depend on it)")
      .configurable(false);
}

void declare_training(Arguments args, TrainingFlags& flags, const std::string& initial_lr,
                      const std::vector<std::string_view>& left_out) {
  flags.lr = initial_lr;
  args.option("--config", "A config.toml of an earlier run; flags typed beside it win")
      .type_name("FILE")
      .configurable(false);
  named_option(args, "--task", flags.task,
               "What is predicted, of tables and arrays: auto goes by the labels and says why; of "
               "rows of numbers train takes other options than those below, unless they are given "
               "(docs/data.md)")
      .type_name("TASK")
      .group(std::string(rectify::name_of(train::Group::task)));
  for (const train::Group group : all_values<train::Group>())
    for (const train::Option* option : train::options_of(group)) {
      if (option->name == "lr")
        declare_rate(args, *option, flags);
      else if (std::ranges::count(left_out, option->name) == 0)
        declare_option(args, *option, flags.options);
    }
}

std::string check_seed(const std::string& text) {
  const auto value = parse_integer(text);
  return value && *value >= 0 ? std::string() : "'" + text + "' is not a whole number from 0 on";
}

bool wants_search(TrainingFlags& flags) {
  if (flags.lr == "auto") return true;
  const auto rate = parse_number(flags.lr);
  if (!rate || *rate <= 0) fail("--lr must be a positive number or auto, not '", flags.lr, "'");
  flags.options.lr = *rate;
  return false;
}

void declare_network(Arguments args, NetworkFlags& flags, const std::string& more) {
  const train::Option& option = train::find_option("model");
  args.option(train::flag_of(option), flags.model, help_of(option, more))
      .type_name(std::string(train::word_of(option)));
  args.option("--hidden", flags.hidden, "Without --model: widths of the hidden layers")
      .type_name("WIDTHS");
}

std::string own_model(const NetworkFlags& flags) {
  if (flags.model.empty()) return {};
  if (flags.hidden != graph::usual_hidden)
    fail("--hidden is for networks without --model; leave one of the two out");
  return graph::model_text(graph::parse_model(graph::network_text(flags.model)));
}

std::vector<std::int64_t> parse_widths(const std::string& text) {
  std::vector<std::int64_t> widths;
  for (const std::string& part : split(text, ',')) {
    const auto width = parse_integer(trim(part));
    if (!width || *width < 1 || *width > (1 << 24))
      fail("--hidden wants widths such as 1000,1000, not '", text, "'");
    widths.push_back(*width);
  }
  return widths;
}

bool is_given(const Arguments& args, std::string_view flag) {
  for (const Declared& declared : args.declared())
    if (declared.name == flag) return !declared.typed.empty();
  return false;
}

std::string config_of(const Arguments& args,
                      const std::map<std::string, std::string, std::less<>>& instead) {
  std::string text = "# rectify " + args.name() + " --config config.toml repeats this run\n";
  for (const Declared& flag : args.declared()) {
    if (flag.positional || !flag.configurable) continue;
    std::string value;
    for (const std::string& part : flag.typed) value += (value.empty() ? "" : ",") + part;
    const auto now = instead.find(flag.name);
    if (flag.typed.empty()) value = now == instead.end() ? flag.initial : now->second;
    if (value.empty()) continue;
    text += flag.name.substr(2) + " = " + toml_value(value) + "\n";
  }
  return text;
}

}  // namespace rectify::cli
