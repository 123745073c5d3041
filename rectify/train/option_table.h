#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rectify/train/options.h"

/// The table of all options of training, a row an option. The flags and their help, the checks, the
/// JSON of a saved run, `config.toml`, the report's list and docs/contracts.md all come from it:
///
///     for (const Option& option : option_table())
///       print(flag_of(option), text_of(option, Options{}), values_of(option), option.meaning);
///     // --epochs 20 "1 to 100000" "Epochs at most" ...
namespace rectify::train {

/// What an option is about. People see the options group by group, in this order.
enum class Group { task, start, steps, optimizer, schedule, regularisation, validation };
constexpr std::array<std::string_view, 7> names_of(Group) {
  return {"Task",     "Initial weights", "Steps",     "Optimizer",
          "Schedule", "Regularisation",  "Validation"};
}

/// The member of Options that holds the value.
using Member = std::variant<std::string Options::*, std::uint64_t Options::*, int Options::*,
                            double Options::*, Schedule Options::*, Precision Options::*,
                            Sparse Options::*, data::Normaliser Options::*>;

/// A number from `low` to `high`, both included.
struct Range {
  double low, high;
  bool above_low = false;      ///< `low` itself is no value
  bool or_usual = false;       ///< -1 is a value too: the usual number, as the meaning says
  std::string_view word = {};  ///< for help, in place of a value; empty: "INT", "UINT" or "FLOAT"
};

/// One of a few names. A function gives them, because some are collected when the program is built.
struct Names {
  std::string_view word;  ///< for help, in place of a value: "OPTIMIZER"
  std::vector<std::string> (*all)();
};

/// Any other text.
struct Text {
  std::string_view word;  ///< for help, in place of a value: "FILE"
  std::string_view form;  ///< what is written, for people; may be empty
  /// Throws Error, which names the flag, for a text that is not of the form; null: every text is.
  void (*check)(const std::string& text) = nullptr;
};

/// A row of the table.
struct Option {
  std::string_view name;   ///< in JSON: "weight_decay"
  std::string_view title;  ///< in the report: "weight decay"
  Group group;
  Member member;
  std::variant<Range, Names, Text> values;  ///< what it may be
  std::string_view meaning;                 ///< for people who choose a value; no full stop
  /// Runs of older programs did not save it, and have its default, which is not saved now either.
  bool later = false;
};

/// All options, in the order of the members of Options, which is that of the JSON.
std::span<const Option> option_table();

/// The option of that name. Throws Error when there is none.
const Option& find_option(std::string_view name);

/// The options of one group, in the order of the table.
std::vector<const Option*> options_of(Group group);

/// "--weight-decay".
std::string flag_of(const Option& option);

/// A number as people write it: 0.0005, 100000, 1e-08. Reads back as the same double.
std::string plain_text(double value);

/// The value that `options` has, as it is typed behind the flag.
std::string text_of(const Option& option, const Options& options);

/// What the option may be, for people: "0 to 1", "fp32, bf16", "LABEL=X,..."; may be empty.
std::string values_of(const Option& option);

/// The names that the option may be; empty for numbers and for texts of any other kind.
std::vector<std::string> choices_of(const Option& option);

/// What help shows in place of a value: "INT", "UINT", "FLOAT", "SCHEDULE", "LIST".
std::string_view word_of(const Option& option);

/// All options as one JSON object. to_json() leaves out those that came `later` where they have
/// their default, so that the options of a usual run are the same text by every program.
std::string complete_json(const Options& options);

/// Throws Error when the option's value in `options` is none that it may have.
void check(const Option& option, const Options& options);

}  // namespace rectify::train
