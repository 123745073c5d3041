#include "rectify/report/options.h"

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"

namespace rectify::report {

namespace {

using train::Option;

constexpr std::string_view first_line = "<!-- rectify options -->\n";
constexpr std::string_view last_line = "<!-- end of rectify options -->\n";

/// As code in a cell of a table, whose bars would end the cell.
std::string code(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "`";
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out + "`";
}

std::string values_cell(const Option& option) {
  std::string names;
  for (const std::string& name : train::choices_of(option))
    names += (names.empty() ? "" : ", ") + code(name);
  if (!names.empty()) return names;
  const bool number = std::holds_alternative<train::Range>(option.values);
  return number ? train::values_of(option) : code(train::values_of(option));
}

std::string row_of(const Option& option) {
  const std::string flag = concat(train::flag_of(option), " ", train::word_of(option));
  return concat("| ", code(flag), " | ", code(train::text_of(option, train::Options{})), " | ",
                values_cell(option), " | ", option.meaning, " |\n");
}

}  // namespace

std::string options_section() {
  std::string text;
  for (const train::Group group : all_values<train::Group>()) {
    text += concat("\n### ", name_of(group),
                   "\n\n| flag | default | values | meaning |\n|---|---|---|---|\n");
    for (const Option* option : train::options_of(group)) text += row_of(*option);
  }
  return text + "\n";
}

std::string with_options_section(const std::string& document) {
  const std::size_t first = document.find(first_line);
  const std::size_t last = document.find(last_line, first == std::string::npos ? 0 : first);
  if (first == std::string::npos || last == std::string::npos)
    fail("there is no section for the options: it goes between a line '", trim(first_line),
         "' and a later line '", trim(last_line), "'");
  return document.substr(0, first) + std::string(first_line) + options_section() +
         document.substr(last);
}

}  // namespace rectify::report
