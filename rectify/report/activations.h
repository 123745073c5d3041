#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/activation/cost.h"
#include "rectify/report/plot.h"

/// The activation family for people and programs, with default parameters. All of it is made from
/// the rows: a new row of the family appears everywhere.
namespace rectify::report {

/// The family as a table of at most 80 columns. With `costs`, one for each row, it has a column of
/// cycles an element.
std::string activation_table(std::span<const activation::Cost> costs = {});

/// Everything about one row of the family, in at most 80 columns.
std::string activation_sheet(const activation::Row& row, const activation::Cost& cost);

/// JSON documents (docs/contracts.md) of one row, and of the family. `cost` may be null; `costs`
/// has one for each row, or none.
std::string activation_json(const activation::Row& row, const activation::Cost* cost);
std::string family_json(std::span<const activation::Cost> costs);

/// Value and derivative over [-4, 4], or over a wider range if the row is not close to its tails
/// there.
Plot activation_plot(const activation::Row& row);
std::vector<Plot> family_plots();

/// One file of the documentation page: its name in the folder, and its bytes.
struct PageFile {
  std::string name, content;
};

/// README.md, family.svg and one NAME.svg a row. Nothing in README.md depends on the machine.
std::vector<PageFile> activation_page();

/// README.md alone.
std::string activation_readme();

}  // namespace rectify::report
