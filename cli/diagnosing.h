#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

namespace rectify::cli {

/// --out, --force and --fail of the verbs that diagnose.
void declare_diagnosis(Arguments args, CommonFlags& flags, bool& fail);

/// Makes the folder of --out, before anything is measured. Throws Error where that cannot be, and
/// where a file would be replaced that is no diagnosis, unless --force is given.
void open_diagnosis_folder(const CommonFlags& flags);

/// What was looked at, for the page.
struct Diagnosed {
  const diagnose::Facts& facts;
  const std::vector<diagnose::Finding>& findings;
  std::string subject;  ///< "mnist-relu"; empty: a training that has not begun
  std::string command;  ///< that makes the first finding's changes; empty: none does
};

/// Prints a diagnosis, writes the files of --out, and returns the exit code: exit_fault when `fail`
/// is asked for and there is a fault.
int tell(const Diagnosed& diagnosed, const CommonFlags& flags, bool fail, Terminal& terminal);

}  // namespace rectify::cli
