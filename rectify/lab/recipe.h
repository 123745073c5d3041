#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/standing.h"

namespace rectify::lab {

/// A number that is claimed: an expression over figures (expression.h) and what the accounts say.
struct RecipeClaim {
  std::string text, measured, unit;
  std::optional<Said> article, paper;
};

/// How much is done: what a mode changes in the options, its seeds.
struct RecipeMode {
  Json changes = Json::object();  ///< options and, as `grid`, axes in place of the recipe's
  int seeds = 1;
  double seconds = 60;  ///< about how long it takes on two cores, for estimates of time
};

/// A cell of an experiment: the complete options of its measure.
struct RecipeCell {
  std::string name;  ///< the values of the axes, with commas between
  Json options;
  /// The axes' values and the cell's own options, for people.
  std::vector<std::pair<std::string, std::string>> differs;
};

/// A claim about rectifiers as a file: what is claimed and by whom, what is measured, on what, what
/// verdict follows. docs/adding-a-claim.md has all members.
struct Recipe {
  std::string id;
  std::string word;  ///< by which `lab run` finds it: the id, or the file
  std::string title, claim, area, by, original, rule;
  const Measure* measure = nullptr;
  std::string data, stand_in;  ///< SPECs, in which {data} is the folder of data sets
  std::string get;             ///< where one gets the data, a clause; empty: rectify data fetch
  std::string other_data;      ///< why `data` are not the claim's own, a sentence; empty: they are
  Json options = Json::object(), grid = Json::object();
  std::vector<Json> cells;  ///< tables of options, each with a name
  RecipeMode quick, full;
  std::vector<RecipeClaim> claims;
  std::vector<report::LabPlot> plots;
  std::vector<std::string> notes;
  std::map<std::string, std::string> figure_names;

  const RecipeMode& mode(bool is_full) const { return is_full ? full : quick; }
};

/// Reads a recipe. `where` names it in errors; `id` is what it is called. Throws Error for unknown
/// members, options that the measure does not have, claims about cells that there are not, ...
Recipe parse_recipe(std::string_view toml, const std::string& id, const std::string& where);

/// The cells of a mode: `cells` times each value of each axis of the grid, the axes in the order of
/// their names. A text option may have an axis in braces, "dense {width}".
std::vector<RecipeCell> cells_of(const Recipe& recipe, bool full);

/// Whether `pattern`, such as "relu, *", means the cell called `name`.
bool means_cell(std::string_view pattern, std::string_view name);

/// The recipes that come with the program, in the order of claims.md: by area, then by name.
const std::vector<Recipe>& recipes();

/// The recipe with this id, or that of the file if it ends in .toml. Throws Error, which suggests
/// the nearest.
Recipe find_recipe(const std::string& id_or_file);

}  // namespace rectify::lab
