#include "rectify/diagnose/apply.h"

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"

namespace rectify::diagnose {

train::Options with_changes(const train::Options& options, std::span<const Change> changes) {
  Json all = Json::parse(train::complete_json(options));
  for (const Change& change : changes) {
    const train::Option* option = nullptr;
    for (const train::Option& row : train::option_table())
      if (train::flag_of(row) == change.flag) option = &row;
    if (!option) fail("there is no option ", change.flag, " to change");
    Json& value = all[option->name];
    const auto number = parse_number(change.value);
    if (value.is_number() && !number)
      fail(change.flag, " wants a number, not '", change.value, "'");
    const auto whole = parse_integer(change.value);
    value = !value.is_number() ? Json(change.value) : whole ? Json(*whole) : Json(*number);
  }
  const train::Options changed = train::options_from_json(all.dump());
  train::check(changed);
  return changed;
}

std::string config_text(const train::Options& options) {
  std::string text = "# rectify train --config config.toml trains with these options\n";
  for (const train::Option& option : train::option_table()) {
    const std::string value = train::text_of(option, options);
    if (value.empty()) continue;
    const bool number = parse_number(value).has_value();
    text +=
        concat(train::flag_of(option).substr(2), " = ", number ? value : "'" + value + "'", "\n");
  }
  return text;
}

}  // namespace rectify::diagnose
