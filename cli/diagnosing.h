#pragma once

#include <filesystem>
#include <vector>

#include "cli/terminal.h"
#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

namespace rectify::cli {

/// Prints a diagnosis, and returns the exit code: exit_fault when `fail` is asked for and there is
/// a fault.
int print_diagnosis(const diagnose::Facts& facts, const std::vector<diagnose::Finding>& findings,
                    bool fail, Terminal& terminal);

}  // namespace rectify::cli
