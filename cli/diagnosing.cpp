#include "cli/diagnosing.h"

#include <algorithm>

#include "rectify/report/diagnosis.h"

namespace rectify::cli {

int print_diagnosis(const diagnose::Facts& facts, const std::vector<diagnose::Finding>& findings,
                    bool fail, Terminal& terminal) {
  constexpr int widest = 100;
  const auto width = static_cast<std::size_t>(std::min(terminal.width(), widest));
  terminal.print(terminal.json ? report::diagnosis_json(facts, findings).dump(2) + "\n"
                               : report::diagnosis_text(facts, findings, width));
  const bool fault = std::ranges::any_of(
      findings, [](const auto& f) { return f.severity == diagnose::Severity::fault; });
  return fail && fault ? exit_fault : exit_done;
}

}  // namespace rectify::cli
