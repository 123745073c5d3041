#include "cli/diagnosing.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/lab/summary.h"
#include "rectify/report/diagnosis.h"
#include "rectify/report/diagnosis_page.h"

namespace rectify::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* page_name = "diagnosis.html";
constexpr const char* json_name = "diagnosis.json";

/// Whether a file may be written over: a diagnosis that an earlier call has left.
bool is_ours(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && report::is_diagnosis(read_file(file));
}

void write_files(const Diagnosed& diagnosed, const fs::path& out, Terminal& terminal) {
  const report::DiagnosisPage page{
      .subject = diagnosed.subject, .date = lab::today(), .command = diagnosed.command};
  const Json json = report::diagnosis_json(diagnosed.facts, diagnosed.findings);
  write_file(out / json_name, json.dump(2) + "\n");
  write_file(out / page_name, report::to_html(diagnosed.facts, diagnosed.findings, page));
  terminal.say("page: " + (out / page_name).string());
}

}  // namespace

void declare_diagnosis(Arguments args, CommonFlags& flags, bool& fail) {
  args.option("--out", flags.out, "Also writes the diagnosis to this folder, as a page and as JSON")
      .type_name("DIR")
      .configurable(false);
  args.flag("--force", flags.force, "Of --out: replace files of these names that are no diagnosis")
      .configurable(false);
  args.flag("--fail", fail, "Exit with 4 when there is a fault").configurable(false);
}

void open_diagnosis_folder(const CommonFlags& flags) {
  if (flags.out.empty()) return;
  const fs::path out = flags.out;
  std::error_code trouble;
  fs::create_directories(out, trouble);
  if (!fs::is_directory(out, trouble) || trouble)
    fail("cannot make the folder '", flags.out, "' of --out",
         trouble ? ": " + trouble.message() : ": there is a file of that name");
  for (const char* name : {page_name, json_name})
    if (fs::exists(out / name, trouble) && !flags.force && !is_ours(out / name))
      fail("'", (out / name).string(), "' is no diagnosis by this program; give another --out, or ",
           "--force to replace it");
}

int tell(const Diagnosed& diagnosed, const CommonFlags& flags, bool fail, Terminal& terminal) {
  constexpr int widest = 100;
  const auto width = static_cast<std::size_t>(std::min(terminal.width(), widest));
  const auto& [facts, findings, subject, command] = diagnosed;
  terminal.print(terminal.json ? report::diagnosis_json(facts, findings).dump(2) + "\n"
                               : report::diagnosis_text(facts, findings, width));
  if (!flags.out.empty()) write_files(diagnosed, flags.out, terminal);
  const bool fault = std::ranges::any_of(
      findings, [](const auto& f) { return f.severity == diagnose::Severity::fault; });
  return fail && fault ? exit_fault : exit_done;
}

}  // namespace rectify::cli
