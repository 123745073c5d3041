// rectify options: what can be asked of training, with defaults and what each option may be.

#include "rectify/report/options.h"

#include <memory>

#include "cli/columns.h"
#include "cli/verb.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"

namespace rectify::cli::ops {

namespace {

std::string table() {
  const train::Options defaults;
  std::string text;
  for (const train::Group group : all_values<train::Group>()) {
    text += concat(text.empty() ? "" : "\n", rectify::name_of(group), "\n");
    for (const train::Option* option : train::options_of(group)) {
      const std::string value = train::text_of(*option, defaults);
      text += concat("  ", train::flag_of(*option), value.empty() ? "" : " " + value, "\n");
      const std::string values = train::values_of(*option);
      text += wrapped(concat(option->meaning, values.empty() ? "" : " [" + values + "]"), "      ");
    }
  }
  return text + "\nBehind each flag stands its default; `compare` has some of its own.\n";
}

Json json() {
  const train::Options defaults;
  const Json values = Json::parse(train::complete_json(defaults));
  Json options = Json::array();
  for (const train::Option& option : train::option_table())
    options.push_back({{"name", option.name},
                       {"flag", train::flag_of(option)},
                       {"group", rectify::name_of(option.group)},
                       {"default", values.at(std::string(option.name))},
                       {"values", train::values_of(option)},
                       {"choices", train::choices_of(option)},
                       {"meaning", option.meaning}});
  return {{"schema", 1}, {"options", options}};
}

void rewrite(const std::string& file) {
  std::string page;
  try {
    page = report::with_options_section(read_file(file));
  } catch (const Error& error) {
    fail("'", file, "': ", error.what());
  }
  write_file(file, page);
}

Action declare(Arguments args) {
  auto page = std::make_shared<std::string>();
  args.option("--page", *page, "Write the section on options of this document anew")
      .type_name("FILE");
  return [page](Terminal& terminal) {
    if (!page->empty()) {
      rewrite(*page);
      terminal.say("wrote the options into " + *page);
      return exit_done;
    }
    terminal.print(terminal.json ? json().dump(2) + "\n" : table());
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> options() {
  static const Verb all[] = {{"options", "Lists the options of training: defaults, values, meaning",
                              "rectify options", declare}};
  return all;
}

}  // namespace rectify::cli::ops
