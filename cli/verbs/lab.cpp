// rectify lab: claims about rectifiers that anybody can measure again.

#include <algorithm>
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
  bool quick = false, full = false, fail = false;
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

double total_seconds(bool full) {
  double seconds = 0;
  for (const lab::Recipe& recipe : lab::recipes()) seconds += recipe.mode(full).seconds;
  return seconds;
}

/// `first` in a column, then `text` beside it, in as many lines as it takes.
std::string beside(const std::string& first, const std::string& text, std::size_t columns) {
  return first + wrapped(text, std::string(first.size(), ' '), columns).substr(first.size());
}

std::string recipes_text(bool full, std::size_t columns) {
  std::string text, area;
  std::size_t width = 0;
  for (const lab::Recipe& recipe : lab::recipes()) width = std::max(width, recipe.id.size());
  for (const lab::Recipe& recipe : lab::recipes()) {
    if (recipe.area != area) text += (text.empty() ? "" : "\n") + recipe.area + "\n";
    area = recipe.area;
    const std::string time = padded(duration_text(recipe.mode(full).seconds), 11, true);
    text += beside(concat("  ", padded(recipe.id, width + 1, false), time, "  "), recipe.title,
                   columns);
  }
  return text + concat("\nThe times: about how long `rectify lab run ID --",
                       full ? "full" : "quick", "` takes on two cores;\nall together ",
                       duration_text(total_seconds(full)), ".\n");
}

int list(const Flags& flags, Terminal& terminal) {
  const auto columns = static_cast<std::size_t>(terminal.width());
  terminal.print(terminal.json ? recipes_json().dump(2) + "\n" : recipes_text(flags.full, columns));
  return exit_done;
}

std::string command_of(const Flags& flags) {
  std::string command = concat("rectify lab run ", flags.full ? "--full" : "--quick");
  if (flags.seeds > 0) command += concat(" --seeds ", flags.seeds);
  if (flags.data_dir != "data") command += " --data-dir " + shell_word(flags.data_dir);
  return command + " --out " + shell_word(flags.out);
}

Json json_of(const lab::Collection& all) {
  Json results = Json::array(), left_out = Json::array();
  for (const report::LabResult& result : all.results)
    results.push_back(Json::parse(report::to_json(result)));
  for (const lab::LeftOut& one : all.left_out)
    left_out.push_back({{"id", one.id}, {"why", one.why}, {"no_data", one.no_data}});
  return {{"schema", 1}, {"results", results}, {"left_out", left_out}};
}

/// How each claim comes out, a line each, and those that were left out.
std::string overview_of(const lab::Collection& all, std::size_t columns) {
  std::size_t width = 0;
  for (const report::LabResult& result : all.results) width = std::max(width, result.id.size());
  for (const lab::LeftOut& one : all.left_out) width = std::max(width, one.id.size());
  std::string text = concat("all ", all.results.size() + all.left_out.size(), " claims:\n");
  const auto line = [&](const std::string& id, const std::string& words) {
    text += beside("  " + padded(id, width + 2, false), words, columns);
  };
  for (const report::LabResult& result : all.results) {
    const auto article = standing_of(result, &report::Claim::article);
    const auto paper = standing_of(result, &report::Claim::paper);
    std::string words = article ? concat("article: ", name_of(*article)) : "";
    if (paper) words += concat(words.empty() ? "" : "; ", "paper: ", name_of(*paper));
    line(result.id, words);
  }
  for (const lab::LeftOut& one : all.left_out) line(one.id, "left out: " + one.why);
  return text;
}

/// Whether an account's claims, all together, do not hold.
bool is_refuted(const report::LabResult& result) {
  using report::Standing;
  return standing_of(result, &report::Claim::article) == Standing::does_not_hold ||
         standing_of(result, &report::Claim::paper) == Standing::does_not_hold;
}

/// The pages of all results in the folder, and the results. Each that is left out is a warning.
std::vector<report::LabResult> renew_pages(const std::string& out, Terminal& terminal,
                                           std::vector<std::string>& left_out) {
  return lab::renew_pages(out, [&](const std::string& why) {
    left_out.push_back(why);
    terminal.warn(why);
  });
}

std::string index_in(const std::string& out) {
  return (std::filesystem::path(out) / "index.html").string();
}

int exit_code_of(const lab::Collection& all, bool fail, Terminal& terminal) {
  const auto broken =
      std::ranges::count_if(all.left_out, [](const lab::LeftOut& one) { return !one.no_data; });
  if (broken > 0) {
    terminal.error(concat(broken, " of the claims could not be measured; the result says why"));
    return exit_bad_value;
  }
  return fail && std::ranges::any_of(all.results, is_refuted) ? exit_fault : exit_done;
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
  const auto columns = static_cast<std::size_t>(terminal.width());
  const auto show = [&](const report::LabResult& result) {
    if (!terminal.json) terminal.print(report::to_text(result, terminal.width()) + "\n");
  };
  try {
    const lab::Collection all =
        lab::run_recipes(recipes, how, threads, terminal.progress(), stop_when_interrupted(), show);
    std::vector<std::string> left_out;
    const bool has_pages = !renew_pages(flags.out, terminal, left_out).empty();
    if (recipes.size() > 1 && !terminal.json) terminal.print(overview_of(all, columns));
    if (terminal.json) terminal.print(json_of(all).dump(2) + "\n");
    if (has_pages) terminal.say("pages: " + index_in(flags.out));
    return exit_code_of(all, flags.fail, terminal);
  } catch (const lab::Stopped&) {
    throw lab::Stopped("the same command goes on; finished cells are not repeated");
  }
}

int write_report(const Flags& flags, Terminal& terminal) {
  std::vector<std::string> left_out;
  const std::vector<report::LabResult> results = renew_pages(flags.out, terminal, left_out);
  if (results.empty())
    fail("'", flags.out, "' has no results of the lab", left_out.empty() ? "" : " that can be read",
         "; rectify lab run all --out ", flags.out, " makes them");
  if (!flags.page.empty()) write_file(flags.page, report::to_markdown(results));
  const std::string index = index_in(flags.out);
  const Json json = {
      {"schema", 1}, {"claims", results.size()}, {"page", index}, {"left_out", left_out}};
  terminal.print(terminal.json ? json.dump(2) + "\n"
                               : concat("wrote ", index, " with ", results.size(), " claims\n"));
  return exit_done;
}

void declare_run(Arguments running, Flags& flags) {
  running.example("rectify lab run all --quick --data-dir data --out rectify-lab");
  running.option("ids", flags.ids, "Claims, files of your own that end in .toml, or all")
      .type_name("ID")
      .required();
  running.flag("--quick", flags.quick, "In short: fewer samples, epochs and seeds (the default)");
  running.flag("--full", flags.full, "As the claim is about");
  running.flag("--fail", flags.fail, "Exit code 4 where a claim does not hold");
  running.option("--seeds", flags.seeds, "Runs of each cell; 0: as many as the recipe says");
  running
      .option(
          "--data-dir", flags.data_dir,
          "Folder of data sets: mnist and cifar10 (rectify data fetch gets them), acasxu, and a "
          "file text")
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
  listing.flag("--full", flags->full, "The times of `run --full` instead of `run --quick`");
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
    if (listing.chosen()) return list(*flags, terminal);
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
