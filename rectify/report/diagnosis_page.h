#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

namespace rectify::report {

/// What the page of a diagnosis says beside its facts and findings.
struct DiagnosisPage {
  std::string subject;  ///< what was looked at, "mnist-relu"; empty: a training that has not begun
  std::string date;
  std::string command;  ///< lines for a shell that make the first finding's changes; may be empty
};

/// One self-contained HTML page: whether the network is healthy, what is wrong, what to change. It
/// makes no request, and all but its charts can be read without script.
///
///     const Facts facts = facts_before(options, dataset, threads);
///     write_file("diagnosis.html", to_html(facts, diagnose(facts), {.date = today}));
std::string to_html(const diagnose::Facts& facts, std::span<const diagnose::Finding> findings,
                    const DiagnosisPage& page);

/// Whether a file's content is a diagnosis by this program, as a page or as JSON.
bool is_diagnosis(std::string_view content);

}  // namespace rectify::report
