// rectify lab: claims about rectifiers that anybody can measure again.

#include <memory>

#include "cli/columns.h"
#include "cli/flags.h"
#include "cli/verb.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/lab/collection.h"
#include "rectify/lab/stopped.h"
#include "rectify/run/warm_up.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::vector<std::string> ids;
  std::string data_dir = "data", page;
  bool quick = false, full = false;
  int seeds = 0;
};

Json recipes_json() {
  Json list = Json::array();
  for (const lab::Recipe& recipe : lab::recipes())
    list.push_back({{"id", recipe.id},
                    {"title", recipe.title},
                    {"claim", recipe.claim},
                    {"by", recipe.by},
                    {"area", recipe.area},
                    {"measure", recipe.measure->name},
                    {"data", recipe.data},
                    {"quick_seconds", recipe.quick.seconds},
                    {"full_seconds", recipe.full.seconds}});
  return {{"schema", 1}, {"claims", list}};
}

std::string recipes_text() {
  std::string text, area;
  std::size_t width = 0;
  for (const lab::Recipe& recipe : lab::recipes()) width = std::max(width, recipe.id.size());
  for (const lab::Recipe& recipe : lab::recipes()) {
    if (recipe.area != area) text += (text.empty() ? "" : "\n") + recipe.area + "\n";
    area = recipe.area;
    text += concat("  ", recipe.id, std::string(width + 2 - recipe.id.size(), ' '), recipe.title,
                   " (", duration_text(recipe.quick.seconds), ")\n");
  }
  return text + "\nIn parentheses: about how long `rectify lab run ID --quick` takes.\n";
}

int list(Terminal& terminal) {
  terminal.print(terminal.json ? recipes_json().dump(2) + "\n" : recipes_text());
  return exit_done;
}

std::string command_of(const Flags& flags) {
  std::string command = concat("rectify lab run ", flags.full ? "--full" : "--quick");
  if (flags.seeds > 0) command += concat(" --seeds ", flags.seeds);
  if (flags.data_dir != "data") command += " --data-dir " + shell_word(flags.data_dir);
  return command + " --out " + shell_word(flags.out);
}

void print(const lab::Collection& all, Terminal& terminal) {
  if (!terminal.json) {
    for (const report::LabResult& result : all.results)
      terminal.print(report::to_text(result, terminal.width()) + "\n");
    return;
  }
  Json results = Json::array(), left_out = Json::array();
  for (const report::LabResult& result : all.results)
    results.push_back(Json::parse(report::to_json(result)));
  for (const lab::LeftOut& one : all.left_out)
    left_out.push_back({{"id", one.id}, {"why", one.why}});
  terminal.print(Json({{"schema", 1}, {"results", results}, {"left_out", left_out}}).dump(2) +
                 "\n");
}

int run(const Flags& flags, Terminal& terminal) {
  if (flags.quick && flags.full) fail("--quick and --full exclude each other");
  if (flags.seeds < 0 || flags.seeds > 1000)
    fail("--seeds must be between 1 and 1000, or 0 for the recipe's own, not ", flags.seeds);
  const std::vector<lab::Recipe> recipes = lab::recipes_named(flags.ids);
  ThreadPool threads(flags.threads);
  const rectify::run::WarmUp products;
  catch_interrupts();
  const lab::ExperimentOptions how{.full = flags.full,
                                   .seeds = flags.seeds,
                                   .data_dir = flags.data_dir,
                                   .out = flags.out,
                                   .command = command_of(flags)};
  try {
    const lab::Collection all =
        lab::run_recipes(recipes, how, threads, terminal.progress(), stop_when_interrupted());
    for (const lab::LeftOut& one : all.left_out) terminal.warn(one.why);
    lab::write_pages(lab::results_in(flags.out), flags.out);
    print(all, terminal);
    terminal.say("pages: " + (std::filesystem::path(flags.out) / "index.html").string());
  } catch (const lab::Stopped&) {
    throw lab::Stopped("the same command goes on; finished cells are not repeated");
  }
  return exit_done;
}

int write_report(const Flags& flags, Terminal& terminal) {
  const std::vector<report::LabResult> results = lab::results_in(flags.out);
  if (results.empty())
    fail("'", flags.out, "' has no results of the lab; rectify lab run all --out ", flags.out,
         " makes them");
  lab::write_pages(results, flags.out);
  if (!flags.page.empty()) write_file(flags.page, report::to_markdown(results));
  const std::string index = (std::filesystem::path(flags.out) / "index.html").string();
  const Json json = {{"schema", 1}, {"claims", results.size()}, {"page", index}};
  terminal.print(terminal.json ? json.dump(2) + "\n"
                               : concat("wrote ", index, " with ", results.size(), " claims\n"));
  return exit_done;
}

void declare_run(Arguments running, Flags& flags) {
  running.example("rectify lab run anchors");
  running.option("ids", flags.ids, "Claims, files of your own that end in .toml, or all")
      .type_name("ID")
      .required();
  running.flag("--quick", flags.quick, "In short: fewer samples, epochs and seeds (the default)");
  running.flag("--full", flags.full, "As the claim is about");
  running.option("--seeds", flags.seeds, "Runs of each cell; 0: as many as the recipe says");
  running
      .option("--data-dir", flags.data_dir,
              "Folder of data sets: mnist, cifar10 (rectify data fetch gets them)")
      .type_name("DIR");
  running.option("--out", flags.out, "Folder for results and pages; goes on with what is there")
      .type_name("DIR");
  declare_threads(running, flags);
  running.fallthrough();
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->out = "rectify-lab";
  args.require_command();
  Arguments listing = args.command("list", "The claims");
  listing.example("rectify lab list");
  listing.fallthrough();
  Arguments running = args.command("run", "Measures claims and says how they come out");
  declare_run(running, *flags);
  Arguments reporting = args.command("report", "Writes the pages of results anew");
  reporting.example("rectify lab report --out rectify-lab");
  reporting.option("--out", flags->out, "Folder of the results").type_name("DIR");
  reporting.option("--page", flags->page, "Also write all results as a document of Markdown")
      .type_name("FILE");
  reporting.fallthrough();
  return [flags, listing, running](Terminal& terminal) {
    if (listing.chosen()) return list(terminal);
    return running.chosen() ? run(*flags, terminal) : write_report(*flags, terminal);
  };
}

}  // namespace

std::span<const Verb> lab() {
  static const Verb all[] = {{"lab", "Measures claims about rectifiers: claimed beside measured",
                              "rectify lab list\n"
                              "  rectify lab run anchors half-zero --out rectify-lab",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
