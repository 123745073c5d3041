#include "rectify/base/toml.h"

#include <toml++/toml.h>

#include <sstream>

#include "rectify/base/text.h"

namespace rectify {

namespace {

Json json_of(const toml::node& node);

Json json_of(const toml::array& array) {
  Json list = Json::array();
  for (const toml::node& item : array) list.push_back(json_of(item));
  return list;
}

Json json_of(const toml::table& table) {
  Json object = Json::object();
  for (const auto& [name, member] : table) object[name.str()] = json_of(member);
  return object;
}

Json json_of(const toml::node& node) {
  if (const auto* table = node.as_table()) return json_of(*table);
  if (const auto* array = node.as_array()) return json_of(*array);
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  std::ostringstream out;  // a date or a time
  node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) out << value.get();
  });
  return out.str();
}

}  // namespace

Json parse_toml(std::string_view text, const std::string& where) {
  try {
    return json_of(toml::parse(text, where));
  } catch (const toml::parse_error& error) {
    fail("'", where, "', line ", error.source().begin.line, ": ", error.description());
  }
}

std::string toml_value(std::string_view value) {
  if (parse_number(value)) return std::string(value);
  constexpr std::string_view not_literal = "'\n\r\t";  // which a text between ' cannot hold
  if (value.find_first_of(not_literal) == value.npos) return concat("'", value, "'");
  return Json(std::string(value)).dump(-1, Json::BadText::replace);  // TOML has these escapes too
}

}  // namespace rectify
