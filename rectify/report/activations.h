#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/activation/cost.h"
#include "rectify/report/plot.h"

/// The activation family for people and programs. All of it follows from the rows: what a new row
/// needs to show up everywhere is its place in the family. Default parameters throughout.
namespace rectify::report {

/// The family in at most 80 columns. With `costs`, one for each row, also the cycles an element.
std::string activation_table(std::span<const activation::Cost> costs = {});

/// Everything about one row in at most 80 columns.
std::string activation_sheet(const activation::Row& row, const activation::Cost& cost);

/// The same as a JSON document (docs/contracts.md), the costs where there are any: for one row, and
/// for the family with one cost a row or none.
std::string activation_json(const activation::Row& row, const activation::Cost* cost);
std::string family_json(std::span<const activation::Cost> costs);

/// Value and derivative over [-4, 4], or further where the row has not come near its tails there.
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
