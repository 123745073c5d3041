#include "rectify/lab/recipe_words.h"

#include <algorithm>

#include "rectify/base/text.h"
#include "rectify/report/format.h"

namespace rectify::lab {

namespace {

/// What is set: "reach" to 65, "train.epochs" to 4, the axis "grid.depth" to [1, 2].
using Assignments = std::vector<std::pair<std::string, Json>>;

const Json* value_of(const Assignments& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Assignments::value_type::first);
  return found == all.end() ? nullptr : &found->second;
}

void put(Assignments& all, const std::string& name, const Json& value) {
  const auto found = std::ranges::find(all, name, &Assignments::value_type::first);
  if (found == all.end())
    all.emplace_back(name, value);
  else
    found->second = value;
}

/// Members of tables are set one by one.
void put_all(Assignments& all, const Json& table) {
  for (const auto& [name, value] : table.members()) {
    if (!value.is_object()) {
      put(all, name, value);
      continue;
    }
    for (const auto& [member, inner] : value.members()) put(all, concat(name, ".", member), inner);
  }
}

Assignments assignments_of(const Recipe& recipe, bool full) {
  Assignments all;
  put_all(all, recipe.options);
  for (const auto& [axis, values] : recipe.grid.members()) put(all, "grid." + axis, values);
  put_all(all, recipe.mode(full).changes);
  return all;
}

bool is_axis(const std::string& name) { return name.starts_with("grid."); }

/// How many of the cells that the recipe names leave an option as the mode has it.
std::size_t sharers(const Recipe& recipe, const Assignments& mode, const std::string& name) {
  const auto named = static_cast<std::ptrdiff_t>(std::max<std::size_t>(recipe.cells.size(), 1));
  if (value_of(mode, "grid." + name)) return 0;
  const auto others = std::ranges::count_if(recipe.cells, [&](const Json& cell) {
    Assignments own;
    put_all(own, cell);
    return value_of(own, name) != nullptr;
  });
  return static_cast<std::size_t>(named - others);
}

std::string words_of_value(const Json& value) {
  if (value.is_text()) {
    auto text = value.get<std::string>();
    std::ranges::replace(text, '\n', ' ');
    return text;
  }
  if (value.is_number()) return report::significant_text(value.get<double>(), 9);
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ", ") + words_of_value(item);
  return "[" + text + "]";
}

/// The value in a mode, the measure's own where the recipe sets none.
std::string text_in(const Recipe& recipe, const Assignments& mode, const std::string& name) {
  const Json* value = value_of(mode, name);
  const auto option = std::ranges::find(recipe.measure->options, name, &MeasureOption::name);
  if (option == recipe.measure->options.end()) return value ? words_of_value(*value) : "as usual";
  if (!value) value = &option->initial;
  // A 0 with a meaning of its own, "of the test split; 0: all", reads as that.
  const std::string_view mark = "; 0: ";
  const std::size_t at = option->meaning.find(mark);
  if (at != std::string_view::npos && value->is_number() && value->get<double>() == 0)
    return std::string(option->meaning.substr(at + mark.size()));
  return words_of_value(*value);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> option_words(const Recipe& recipe, bool full) {
  const Assignments mode = assignments_of(recipe, full);
  const std::size_t named = std::max<std::size_t>(recipe.cells.size(), 1);
  const std::size_t cells = cells_of(recipe, full).size();
  std::vector<std::pair<std::string, std::string>> words;
  for (const auto& [name, value] : mode) {
    const std::size_t share = is_axis(name) ? 0 : sharers(recipe, mode, name);
    if (share == 0) continue;
    std::string text = text_in(recipe, mode, name);
    // Each cell that is named stands for as many as the grid has combinations.
    if (share < named) text += concat(" (in ", share * (cells / named), " of ", cells, " cells)");
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) text = concat(name.substr(dot + 1), " = ", text);
    const std::string option = name.substr(0, dot);
    const auto before = std::ranges::find(words, option, [](const auto& w) { return w.first; });
    if (before == words.end())
      words.emplace_back(option, text);
    else
      before->second += ", " + text;
  }
  return words;
}

std::string words_in_short(const Recipe& recipe, int seeds) {
  const Assignments quick = assignments_of(recipe, false), full = assignments_of(recipe, true);
  std::string words;
  const auto add = [&](const std::string& name, const std::string& here, const std::string& there) {
    if (here != there)
      words += concat(words.empty() ? "" : ", ", name, " = ", here, " (full: ", there, ")");
  };
  Assignments either = quick;
  for (const auto& [name, value] : full) put(either, name, value);
  for (const auto& [name, value] : either)
    if (is_axis(name) || sharers(recipe, quick, name) > 0)
      add(name, text_in(recipe, quick, name), text_in(recipe, full, name));
  if (!recipe.measure->exact && seeds < recipe.full.seeds)
    add("seeds", std::to_string(seeds), std::to_string(recipe.full.seeds));
  return words;
}

}  // namespace rectify::lab
