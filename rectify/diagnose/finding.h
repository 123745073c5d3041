#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::diagnose {

/// How bad a finding is. A fault keeps the network from learning or makes its answers wrong; a
/// warning costs accuracy or time, or will; a note is worth knowing.
enum class Severity { note, warning, fault };
constexpr std::array<std::string_view, 3> names_of(Severity) {
  return {"note", "warning", "fault"};
}

/// A flag of `rectify train` with the value that mends something. An empty value: leave it out.
struct Change {
  std::string flag;  ///< "--lr"
  std::string value;
  bool operator==(const Change&) const = default;
};

/// One thing that is wrong, or worth knowing.
struct Finding {
  std::string cause;  ///< of a Rule: "rate_too_high"
  Severity severity = Severity::note;
  std::string where;                  ///< label of a node, name of a column; may be empty
  std::string title;                  ///< for people, of the rule
  std::vector<std::string> evidence;  ///< sentences with the numbers
  std::string advice;                 ///< a sentence: what to change
  std::vector<Change> changes;        ///< the same as flags; empty where no flag can
  std::vector<std::string> explains;  ///< causes of other findings that follow from this one
  std::string explained_by;           ///< the cause of the finding that this one follows from
};

}  // namespace rectify::diagnose
