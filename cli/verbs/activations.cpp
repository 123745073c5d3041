// rectify activations: the family as a table, pictures or a page, or one of its rows in full.

#include "rectify/report/activations.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/out_file.h"
#include "cli/verb.h"
#include "rectify/activation/activation.h"
#include "rectify/activation/cost.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/report/plot.h"

namespace rectify::cli::ops {

namespace {

namespace fs = std::filesystem;

using activation::Cost;
using activation::Row;

struct Flags {
  std::string name, picture, page;
  bool plot = false, cost = false;
};

/// Colours go to a terminal that has them and to a person who did not decline (no-color.org).
bool wants_colour() {
  const char* declined = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !(declined && *declined) && kind &&
         std::string_view(kind) != "dumb";
}

std::vector<Cost> family_costs() {
  std::vector<Cost> costs;
  for (const Row& row : activation::family())
    costs.push_back(activation::measure_cost(row, row.defaults()));
  return costs;
}

/// The picture's file, before anything is computed for it.
report::PictureFormat checked_format(const std::string& picture) {
  if (activation::find_or_null(picture))
    fail("the name goes before --plot: rectify activations ", picture, " --plot");
  return report::picture_format(picture);
}

void draw_picture(const Row* row, const std::string& picture) {
  const report::PictureFormat format = checked_format(picture);
  write_file(picture,
             row ? report::draw(report::activation_plot(*row), format)
                 : report::draw_grid(report::family_plots(), "The activation family", format));
}

std::string text_plot(const Row* row, const Terminal& terminal) {
  const report::TextStyle style = {static_cast<std::size_t>(terminal.width()), wants_colour()};
  return row ? report::draw_text(report::activation_plot(*row), style)
             : report::draw_text_grid(report::family_plots(), style);
}

void write_page(const std::string& folder) {
  make_folder(folder);
  for (const report::PageFile& file : report::activation_page())
    write_file(fs::path(folder) / file.name, file.content);
}

std::string description(const Row* row, const Flags& flags, bool json) {
  if (!row) {
    const std::vector<Cost> costs = flags.cost ? family_costs() : std::vector<Cost>();
    return json ? report::family_json(costs) : report::activation_table(costs);
  }
  std::optional<Cost> cost;
  if (flags.cost || !json) cost = activation::measure_cost(*row, row->defaults());
  return json ? report::activation_json(*row, cost ? &*cost : nullptr)
              : report::activation_sheet(*row, *cost);
}

int show(const Flags& flags, Terminal& terminal) {
  const Row* row = flags.name.empty() ? nullptr : &activation::find(flags.name);
  if (!flags.page.empty()) {
    write_page(flags.page);
    terminal.say("wrote " + (fs::path(flags.page) / "README.md").string() + " and its pictures");
    if (!terminal.json) return exit_done;
  }
  if (flags.plot && flags.picture.empty()) {
    if (terminal.json) fail("--json has no text plot in it; name a file: --plot FILE.svg");
    terminal.print(text_plot(row, terminal));
    return exit_done;
  }
  if (flags.plot) {
    draw_picture(row, flags.picture);
    terminal.say("wrote " + flags.picture);
    if (!terminal.json) return exit_done;
  }
  terminal.print(description(row, flags, terminal.json));
  return exit_done;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  Option name = args.option("name", flags->name, "One activation; without it, the table of all")
                    .type_name("ACTIVATION");
  Option plot = args.option("--plot", flags->picture,
                            "Draw value and derivative, into a .png or .svg file or else as text")
                    .optional_value()
                    .type_name("[FILE]");
  args.flag("--cost", flags->cost, "Also measure what an element costs here");
  args.option("--page", flags->page, "Write the documentation page into this folder")
      .type_name("DIR")
      .excludes(name)
      .excludes(plot);
  return [flags, plot](Terminal& terminal) {
    flags->plot = plot.given();
    return show(*flags, terminal);
  };
}

}  // namespace

std::span<const Verb> activations() {
  static const Verb all[] = {{"activations", "Lists the activation family, or one row in full",
                              "rectify activations gelu --plot gelu.png", declare}};
  return all;
}

}  // namespace rectify::cli::ops
