#include "cli/manual.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"

namespace rectify::cli {

namespace {

/// `text` as roff prints it: backslashes and hyphens as typed, no line that begins as a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return text;
}

/// "\fB\-\-epochs\fR \fIINT\fR"
std::string usage_of(const Argument& a) {
  const std::string value = "\\fI" + roff(a.type) + "\\fR";
  if (a.positional) return value;
  return "\\fB" + roff(a.name) + "\\fR" + (a.type.empty() ? "" : " " + value);
}

std::string synopsis(const Command& command) {
  std::string text = "\\fB" + roff(name_of(command)) + "\\fR";
  if (!command.commands.empty()) text += " \\fICOMMAND\\fR";
  for (const Argument& a : command.arguments)
    if (a.positional || a.required)
      text += a.required ? " " + usage_of(a) : " [" + usage_of(a) + "]";
  return text + " [\\fIOPTION\\fR...]\n";
}

}  // namespace

std::string manual_page(const Command& command) {
  const std::string name = name_of(command, "-");
  std::string page =
      concat(".TH ", roff(upper(name)), " 1 \"\" \"rectify ", version, "\"\n.SH NAME\n", roff(name),
             " \\- ", roff(command.summary), "\n.SH SYNOPSIS\n", synopsis(command));
  if (!command.commands.empty()) {
    page += ".SH COMMANDS\n";
    for (const Command& sub : command.commands)
      page += concat(".TP\n\\fB", roff(sub.path.back()), "\\fR\n", roff(sub.summary), "; see \\fB",
                     roff(name_of(sub, "-")), "\\fR(1)\n");
  }
  page += ".SH OPTIONS\n";
  for (const Argument& a : command.arguments)
    page += concat(".TP\n", usage_of(a), "\n", roff(a.description),
                   a.initial.empty() ? "" : " [" + roff(a.initial) + "]", "\n");
  if (!command.footer.empty()) page += ".SH EXAMPLES\n.nf\n" + roff(command.footer) + "\n.fi\n";
  page +=
      ".SH EXIT STATUS\n0: done; 1: a wrong value, file or folder; 2: a wrong command line; 3: a "
      "training that\nbecame infinite or not a number; 130: interrupted, and can be resumed\n";
  return page;
}

}  // namespace rectify::cli
