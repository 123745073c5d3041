#include "rectify/data/table/form.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"

namespace rectify::data {

std::size_t Column::features() const {
  return category ? values.size() + (others ? 1 : 0) : (indicator ? 2 : 1);
}

std::vector<std::string> TableForm::feature_names() const {
  std::vector<std::string> names;
  for (const Column& column : columns) {
    if (!column.category) names.push_back(column.name);
    if (column.indicator) names.push_back(column.name + " missing");
    for (const std::string& value : column.values)
      names.push_back(column.name + "=" + (value.empty() ? "(missing)" : value));
    if (column.others) names.push_back(column.name + "=(other)");
  }
  return names;
}

TableForm form_of_numbers(const std::vector<std::string>& columns) {
  TableForm form;
  for (const std::string& name : columns) {
    form.columns.push_back({.name = name});
    form.named = form.named || !parse_integer(name);
  }
  return form;
}

std::string to_json(const TableForm& form) {
  Json columns = Json::array();
  for (const Column& column : form.columns) {
    Json item = {{"name", column.name}};
    if (column.category) {
      item["values"] = column.values;
      if (column.others) item["others"] = true;
    } else {
      if (!std::isnan(column.fill)) item["fill"] = column.fill;
      if (column.indicator) item["indicator"] = true;
    }
    columns.push_back(std::move(item));
  }
  const Json json = {
      {"columns", columns}, {"named", form.named}, {"target", form.target}, {"width", form.width}};
  return json.dump(-1, Json::BadText::replace);
}

namespace {

Column column_from(const Json& item) {
  Column column{.name = item.at("name").get<std::string>()};
  column.category = item.contains("values");
  if (column.category) column.values = item.at("values").get<std::vector<std::string>>();
  if (item.contains("others")) column.others = item.at("others").get<bool>();
  if (item.contains("fill")) column.fill = item.at("fill").get<float>();
  if (item.contains("indicator")) column.indicator = item.at("indicator").get<bool>();
  const bool sound = column.category ? !column.indicator && std::ranges::is_sorted(column.values)
                                     : !column.others && !std::isinf(column.fill);
  if (!sound) fail("column '", column.name, "' is neither of numbers nor of categories");
  return column;
}

}  // namespace

TableForm table_form_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    TableForm form;
    for (const Json& item : json.at("columns")) form.columns.push_back(column_from(item));
    form.named = json.at("named").get<bool>();
    form.target = json.at("target").get<std::string>();
    form.width = json.at("width").get<std::size_t>();
    return form;
  } catch (const JsonError& error) {
    fail("the form of a table is no such JSON: ", error.what());
  }
}

}  // namespace rectify::data
