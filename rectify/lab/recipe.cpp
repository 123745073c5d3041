#include "rectify/lab/recipe.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/base/toml.h"
#include "rectify/lab/claim_data.h"
#include "rectify/lab/expression.h"

namespace rectify::lab {

/// Name and text of each file in recipes/ (the build makes it).
std::vector<std::pair<std::string_view, std::string_view>> recipe_files();

namespace {

using Names = std::vector<std::string>;

void check_members(const Json& table, const Names& known, const std::string& where) {
  for (const auto& [name, value] : table.members())
    if (!std::ranges::count(known, name))
      fail(where, ": there is no '", name, "'", suggestion(name, known));
}

std::string text_or(const Json& table, const char* name, const std::string& fallback = "") {
  return table.contains(name) ? table.at(name).get<std::string>() : fallback;
}

std::string needed(const Json& table, const char* name, const std::string& where) {
  if (!table.contains(name)) fail(where, ": '", name, "' is missing");
  return table.at(name).get<std::string>();
}

Json table_or_empty(const Json& table, const char* name) {
  return table.contains(name) ? table.at(name) : Json::object();
}

int seeds_from(const Json& value) {
  const int seeds = value.get<int>();
  if (seeds < 1 || seeds > 1000) fail("seeds must be between 1 and 1000, not ", seeds);
  return seeds;
}

RecipeMode mode_from(const Json& recipe, const char* name, int seeds, double seconds) {
  RecipeMode mode{.seeds = seeds, .seconds = seconds};
  const Json table = table_or_empty(recipe, name);
  for (const auto& [key, value] : table.members()) {
    if (key == "seeds")
      mode.seeds = seeds_from(value);
    else if (key == "seconds")
      mode.seconds = value.get<double>();
    else
      mode.changes[key] = value;
  }
  return mode;
}

RecipeClaim claim_from(const Json& json, const std::string& where) {
  check_members(json, {"text", "measured", "unit", "article", "paper"}, where);
  RecipeClaim claim{.text = needed(json, "text", where),
                    .measured = needed(json, "measured", where),
                    .unit = text_or(json, "unit")};
  if (json.contains("article")) claim.article = Said::from(json.at("article"), where + ", article");
  if (json.contains("paper")) claim.paper = Said::from(json.at("paper"), where + ", paper");
  if (!claim.article && !claim.paper) fail(where, ": neither article nor paper says anything");
  return claim;
}

report::LabPlot plot_from(const Json& json, const std::string& where) {
  check_members(json, {"title", "figure", "series", "x", "y", "log"}, where);
  report::LabPlot plot{.title = text_or(json, "title"),
                       .figure = text_or(json, "figure"),
                       .series = text_or(json, "series"),
                       .x_label = text_or(json, "x"),
                       .y_label = text_or(json, "y")};
  if (plot.figure.empty() == plot.series.empty()) fail(where, " wants either a figure or a series");
  const std::string log = text_or(json, "log");
  plot.log_x = log.find('x') != std::string::npos;
  plot.log_y = log.find('y') != std::string::npos;
  return plot;
}

/// The text of a value as it stands in a cell's name.
std::string value_text(const Json& value) {
  return value.is_text() ? value.get<std::string>() : value.dump();
}

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  const std::string slot = "{" + name + "}";
  for (std::size_t at = text.find(slot); at != std::string::npos;
       at = text.find(slot, at + value.size()))
    text.replace(at, slot.size(), value);
  return text;
}

/// Whether some text of the options has the axis in braces.
bool mentions(const Json& json, const std::string& name) {
  if (json.is_text()) return json.get<std::string>().find("{" + name + "}") != std::string::npos;
  if (json.is_array())
    return std::ranges::any_of(json, [&](const Json& item) { return mentions(item, name); });
  if (!json.is_object()) return false;
  return std::ranges::any_of(json.members(),
                             [&](const auto& member) { return mentions(member.second, name); });
}

/// The options with the axis's value in place of its slots. A text that is nothing but a slot
/// becomes the value itself, a number perhaps.
Json with_axis(const Json& json, const std::string& name, const Json& value) {
  if (json.is_text()) {
    const auto text = json.get<std::string>();
    return text == "{" + name + "}" ? value : Json(replaced(text, name, value_text(value)));
  }
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json) list.push_back(with_axis(item, name, value));
    return list;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [key, member] : json.members()) object[key] = with_axis(member, name, value);
  return object;
}

bool same_kind(const Json& a, const Json& b) {
  return (a.is_number() && b.is_number()) || (a.is_text() && b.is_text()) ||
         (a.is_array() && b.is_array()) || (a.is_object() && b.is_object()) ||
         (!a.is_number() && !a.is_text() && !a.is_array() && !a.is_object() && !b.is_number() &&
          !b.is_text() && !b.is_array() && !b.is_object());
}

const MeasureOption* option_of(const Measure& measure, const std::string& name) {
  const auto found = std::ranges::find(measure.options, name, &MeasureOption::name);
  return found == measure.options.end() ? nullptr : &*found;
}

/// Sets one option. Members of a table are set one by one.
void set(Json& options, const Measure& measure, const std::string& name, const Json& value,
         const std::string& where) {
  const MeasureOption* option = option_of(measure, name);
  if (!option) {
    Names known;
    for (const MeasureOption& one : measure.options) known.emplace_back(one.name);
    fail(where, ": the measure '", measure.name, "' has no option '", name, "'",
         suggestion(name, known));
  }
  if (!same_kind(option->initial, value))
    fail(where, ": ", name, " is like ", option->initial.dump(), ", not ", value.dump());
  if (!value.is_object()) {
    options[name] = value;
    return;
  }
  Json merged = options.at(name);
  for (const auto& [key, member] : value.members()) merged[key] = member;
  options[name] = merged;
}

/// The axes of a mode's grid.
Json grid_of(const Recipe& recipe, bool full) {
  const Json& changes = recipe.mode(full).changes;
  Json grid = recipe.grid;
  const Json other = table_or_empty(changes, "grid");
  for (const auto& [axis, values] : other.members()) grid[axis] = values;
  return grid;
}

/// The options that all cells of a mode share.
Json shared_options(const Recipe& recipe, bool full, const std::string& where) {
  Json options = Json::object();
  for (const MeasureOption& option : recipe.measure->options)
    options[std::string(option.name)] = option.initial;
  for (const auto& [name, value] : recipe.options.members())
    set(options, *recipe.measure, name, value, where);
  for (const auto& [name, value] : recipe.mode(full).changes.members())
    if (name != "grid") set(options, *recipe.measure, name, value, where);
  return options;
}

/// Gives an axis one of its values: as an option of that name, in texts, or both.
void take(RecipeCell& cell, const Measure& measure, const std::string& axis, const Json& value,
          const std::string& where) {
  const bool is_option = option_of(measure, axis) != nullptr;
  const bool in_text = mentions(cell.options, axis);
  if (!is_option && !in_text)
    fail(where, ": '", axis, "' is no option of '", measure.name, "', and no option mentions {",
         axis, "}");
  if (is_option) set(cell.options, measure, axis, value, where);
  if (in_text) cell.options = with_axis(cell.options, axis, value);
  cell.differs.emplace_back(axis, value_text(value));
}

/// The cells that the recipe names one by one; one without a name where it names none.
std::vector<RecipeCell> named_cells(const Recipe& recipe, const Json& shared,
                                    const std::string& where) {
  if (recipe.cells.empty()) return {{.name = "", .options = shared, .differs = {}}};
  std::vector<RecipeCell> cells;
  for (const Json& table : recipe.cells) {
    RecipeCell cell{.name = needed(table, "name", where + ", cell"), .options = shared};
    // Options first, so that a text which the cell gives may have a slot that it fills.
    for (const bool options : {true, false})
      for (const auto& [name, value] : table.members()) {
        if (name == "name" || (option_of(*recipe.measure, name) != nullptr) != options) continue;
        take(cell, *recipe.measure, name, value, where + ", cell '" + cell.name + "'");
      }
    cells.push_back(std::move(cell));
  }
  return cells;
}

/// Every claim must name cells that there are in the full mode.
void check_claims(const Recipe& recipe) {
  const std::vector<RecipeCell> cells = cells_of(recipe, true);
  for (const RecipeClaim& claim : recipe.claims) {
    const Lookup lookup = [&](const std::string&, const std::string& pattern) {
      std::vector<double> found;
      for (const RecipeCell& cell : cells)
        if (means_cell(pattern, cell.name)) found.push_back(1 + static_cast<double>(found.size()));
      if (found.empty())
        fail("recipe '", recipe.id, "': the claim '", claim.measured, "' is about the cell '",
             pattern, "', which there is not");
      return found;
    };
    evaluate(claim.measured, lookup);
  }
}

constexpr const char* areas[] = {"Exact or nearly exact", "Gradients, initialisation, dead units",
                                 "Errors, pretraining, sparsity, speed"};

std::size_t area_rank(const std::string& area) {
  return static_cast<std::size_t>(std::ranges::find(areas, area) - std::begin(areas));
}

Recipe recipe_from(const Json& json, const std::string& id, const std::string& where) {
  check_members(json, {"title", "claim",    "area",   "by",         "original", "rule",   "measure",
                       "data",  "stand_in", "get",    "other_data", "options",  "grid",   "cell",
                       "quick", "full",     "claims", "plot",       "notes",    "figures"},
                where);
  Recipe recipe{.id = id,
                .word = id,
                .title = needed(json, "title", where),
                .claim = needed(json, "claim", where),
                .area = text_or(json, "area"),
                .by = needed(json, "by", where),
                .original = text_or(json, "original"),
                .rule = text_or(json, "rule"),
                .measure = &find_measure(needed(json, "measure", where)),
                .data = text_or(json, "data"),
                .stand_in = text_or(json, "stand_in"),
                .get = text_or(json, "get"),
                .other_data = text_or(json, "other_data")};
  recipe.options = table_or_empty(json, "options");
  recipe.grid = table_or_empty(json, "grid");
  if (json.contains("cell"))
    for (const Json& cell : json.at("cell")) recipe.cells.push_back(cell);
  recipe.full = mode_from(json, "full", 5, 600);
  recipe.quick = mode_from(json, "quick", recipe.full.seeds, 60);
  if (json.contains("claims"))
    for (const Json& claim : json.at("claims"))
      recipe.claims.push_back(
          claim_from(claim, concat(where, ", claim ", recipe.claims.size() + 1)));
  if (json.contains("plot"))
    for (const Json& plot : json.at("plot"))
      recipe.plots.push_back(plot_from(plot, concat(where, ", plot ", recipe.plots.size() + 1)));
  if (json.contains("notes")) recipe.notes = json.at("notes").get<std::vector<std::string>>();
  const Json names = table_or_empty(json, "figures");
  for (const auto& [name, words] : names.members())
    recipe.figure_names[name] = words.get<std::string>();
  if (recipe.claims.empty()) fail(where, ": nothing is claimed; write [[claims]]");
  if (recipe.measure->needs_data && recipe.data.empty())
    fail(where, ": the measure '", recipe.measure->name, "' needs data = \"SPEC\"");
  if (recipe.measure->needs_files != are_files(recipe.data))
    fail(where, ": the measure '", recipe.measure->name, "' ",
         recipe.measure->needs_files ? "needs data = \"files:FOLDER\"" : "reads no files:FOLDER");
  return recipe;
}

}  // namespace

const Measure& find_measure(const std::string& name) {
  Names known;
  for (const Measure* measure : measures()) {
    if (measure->name == name) return *measure;
    known.emplace_back(measure->name);
  }
  fail("there is no measure '", name, "'", suggestion(name, known));
}

Recipe parse_recipe(std::string_view toml, const std::string& id, const std::string& where) {
  const Json json = parse_toml(toml, where);
  try {
    Recipe recipe = recipe_from(json, id, "recipe '" + where + "'");
    for (const bool full : {false, true}) cells_of(recipe, full);
    check_claims(recipe);
    return recipe;
  } catch (const JsonError& error) {
    fail("recipe '", where, "': ", error.what());
  }
}

std::vector<RecipeCell> cells_of(const Recipe& recipe, bool full) {
  const std::string where = "recipe '" + recipe.id + "'";
  std::vector<RecipeCell> cells = named_cells(recipe, shared_options(recipe, full, where), where);
  const Json grid = grid_of(recipe, full);
  for (const auto& [axis, values] : grid.members()) {
    if (!values.is_array() || values.empty())
      fail(where, ": the axis '", axis, "' of the grid is a list of values, of one at least, not ",
           values.dump());
    std::vector<RecipeCell> more;
    for (const RecipeCell& cell : cells)
      for (const Json& value : values) {
        RecipeCell one = cell;
        one.name += (one.name.empty() ? "" : ", ") + value_text(value);
        take(one, *recipe.measure, axis, value, where);
        more.push_back(std::move(one));
      }
    cells = std::move(more);
  }
  std::set<std::string> names;
  for (const RecipeCell& cell : cells)
    if (!names.insert(cell.name).second) fail(where, ": two cells are called '", cell.name, "'");
  return cells;
}

bool means_cell(std::string_view pattern, std::string_view name) {
  if (trim(pattern) == name) return true;
  const std::vector<std::string> wanted = split(pattern, ','), parts = split(name, ',');
  if (wanted.size() != parts.size()) return trim(pattern) == "*";
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (trim(wanted[i]) != "*" && trim(wanted[i]) != trim(parts[i])) return false;
  return true;
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> found;
    for (const auto& [name, text] : recipe_files())
      found.push_back(parse_recipe(text, std::string(name), std::string(name) + ".toml"));
    std::ranges::stable_sort(found, {}, [](const Recipe& r) { return area_rank(r.area); });
    return found;
  }();
  return all;
}

namespace {

Recipe own_recipe(const std::string& file) {
  const std::string id = std::filesystem::path(file).stem().string();
  if (id == "index") fail("recipe '", file, "': index.html is the overview; call it otherwise");
  Recipe recipe = parse_recipe(read_file(file, std::size_t{1} << 20), id, file);
  recipe.word = file;
  return recipe;
}

}  // namespace

Recipe find_recipe(const std::string& id_or_file) {
  if (id_or_file.ends_with(".toml")) return own_recipe(id_or_file);
  Names known;
  for (const Recipe& recipe : recipes()) {
    if (recipe.id == id_or_file) return recipe;
    known.push_back(recipe.id);
  }
  fail("the lab has no claim '", id_or_file, "'", suggestion(id_or_file, known),
       "; a recipe of your own is a file that ends in .toml");
}

}  // namespace rectify::lab
